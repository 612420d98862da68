import { check } from '../check.ts';
import { nextTag } from '../compose-cluster.ts';
import { docker } from '../docker.ts';
import { APPS, buildApp, imageOf } from '../images.ts';
import { underLoad } from '../under-load.ts';
import type { Scenario } from './scenario.ts';

const ROLLED = [
  ...['apiserver-1', 'apiserver-2', 'scheduler-1', 'scheduler-2'],
  ...['controller-manager-1', 'controller-manager-2', 'kubelet'],
];

export const rollingUpgrade: Scenario = {
  name: 'rolling-upgrade',
  async run(cluster) {
    const next = nextTag(cluster.tag);
    for (const app of APPS) await buildApp(app, imageOf(app, next), '--build-arg=VERSION=0.1.1');
    const title = 'every app upgraded, one container after the other';
    await underLoad(cluster, [{ title, run: async () => void (await cluster.script('roll.sh', next)) }]);
    const format = '--format={{.Config.Image}} {{index .Config.Labels "org.opencontainers.image.version"}}';
    const running = (await docker('inspect', format, ...(await cluster.containers(...ROLLED)))).split('\n');
    check(
      running.length === 9 && running.every((each) => each.endsWith(`:${next} 0.1.1`)),
      'all nine are of the new version',
    );
    cluster.environment['PILOTHOUSE_TAG'] = next;
  },
};
