import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { cacheDir, isInstalled, prepare, runClient, useCluster } from './cluster.ts';

const STORIES = [
  ...['typed', 'subresources', 'patches', 'informers', 'watch-list', 'dynamic', 'metadata', 'apply', 'leader-election'],
  ...['discovery', 'open-api', 'pages', 'conflicts', 'events', 'streams', 'reviews', 'errors', 'custom'],
];

describe.skipIf(!isInstalled('go'))('client-go', () => {
  const cluster = useCluster();
  const binary = join(cacheDir('go-client'), 'go-client');

  beforeAll(() => {
    const cwd = join(import.meta.dirname, 'go-client');
    prepare('go', ['build', '-p', '1', '-o', binary, '.'], { cwd });
  }, 900_000);

  it.each(STORIES)('%s', async (story) => {
    expect(await runClient(cluster.get().kubeconfig, binary, [story, `go-${story}`])).toMatch(/ok$/);
  });
});
