import { check } from '../check.ts';
import { docker } from '../docker.ts';
import { APPS, buildApp, imageOf, inspectImage, ownSize, removeImages } from '../images.ts';
import type { Scenario } from './scenario.ts';

const OWN_BYTES = 120e6;
const LABELS = ['title', 'description', 'version', 'revision', 'licenses'].map(
  (each) => `org.opencontainers.image.${each}`,
);

export const images: Scenario = {
  name: 'images',
  async run({ tag }) {
    for (const app of APPS) {
      const name = imageOf(app, tag);
      const { Config: config } = await inspectImage(name);
      const bytes = await ownSize(name);
      check(bytes < OWN_BYTES, `pilothouse/${app} adds ${(bytes / 1e6).toFixed(1)} MB to its base`);
      check(config.User === 'node' && config.StopSignal === 'SIGTERM', '… is of the user node, stopped by SIGTERM');
      check(config.Healthcheck?.Test?.length > 0, '… has a health check');
      check(
        LABELS.every((label) => config.Labels[label] !== undefined),
        '… says what it is',
      );
      const sbom = await docker('run', '--rm', '--entrypoint=cat', name, config.Labels['io.pilothouse.sbom']);
      const { bomFormat, components } = JSON.parse(sbom);
      check(bomFormat === 'CycloneDX' && components.length > 0, `… lists the ${components.length} packages in it`);
    }
    const again = imageOf('apiserver', `${tag}-again`);
    await buildApp('apiserver', again, '--no-cache');
    const layers = async (name: string) => (await inspectImage(name))['RootFS'].Layers.join();
    const same = (await layers(imageOf('apiserver', tag))) === (await layers(again));
    await removeImages(`--filter=reference=${again}`);
    check(same, 'built twice from nothing, all layers are the same to the byte');
  },
};
