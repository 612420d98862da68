import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cacheDir, isInstalled, prepare, runClient, useCluster } from './cluster.ts';

const FOLDER = join(import.meta.dirname, 'operator');
const PILOTHOUSE = join(import.meta.dirname, '..', '..', 'apps', 'pilothouse', 'src', 'main.ts');

describe.skipIf(!isInstalled('go'))('a controller-runtime operator', () => {
  const binary = join(cacheDir('operator'), 'operator');
  const config = join(FOLDER, 'config');

  beforeAll(() => {
    prepare('go', ['build', '-p', '1', '-o', binary, '.'], { cwd: FOLDER });
  }, 900_000);

  describe('on a cluster', () => {
    const cluster = useCluster();

    it('lives through its story', async () => {
      expect(await runClient(cluster.get().kubeconfig, binary, ['cluster', config])).toMatch(/ok$/);
    });
  });

  describe('under envtest', () => {
    const assets = mkdtempSync(join(tmpdir(), 'pilothouse-envtest-'));
    afterAll(() => rmSync(assets, { recursive: true }));

    it('lives through its story on the control plane that envtest starts from KUBEBUILDER_ASSETS', async () => {
      const folder = await runClient('', process.execPath, [PILOTHOUSE, 'envtest', '--dir', assets]);
      expect(folder).toBe(assets);
      expect(await runClient('', binary, ['envtest', config], { KUBEBUILDER_ASSETS: folder })).toMatch(/ok$/);
    });
  });
});
