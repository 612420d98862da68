import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { cacheDir, isInstalled, prepare, runClient, useCluster } from './cluster.ts';

const STORIES = ['patches', 'pages', 'errors', 'custom', 'watcher', 'streams'];

describe.skipIf(!isInstalled('cargo'))('kube-rs', () => {
  const cluster = useCluster();
  const target = cacheDir('kube-rs');

  beforeAll(() => {
    const cwd = join(import.meta.dirname, 'kube-rs');
    prepare('cargo', ['build'], { cwd, env: { CARGO_TARGET_DIR: target } });
  }, 1_800_000);

  it.each(STORIES)('%s', async (story) => {
    const binary = join(target, 'debug', 'kube-rs-stories');
    expect(await runClient(cluster.get().kubeconfig, binary, [story, `rs-${story}`])).toMatch(/ok$/);
  });
});
