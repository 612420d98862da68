import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { cacheDir, prepare, runClient, useCluster } from './cluster.ts';

describe('the JavaScript client', () => {
  const cluster = useCluster();
  const folder = cacheDir('javascript');

  // Installed apart from the project: its dependencies are not ours.
  beforeAll(() => {
    for (const file of ['package.json', 'stories.mjs'])
      copyFileSync(join(import.meta.dirname, 'javascript', file), join(folder, file));
    prepare('npm', ['install', '--no-audit', '--no-fund'], { cwd: folder });
  }, 300_000);

  it.each(['objects', 'watches', 'apply', 'streams'])('%s', async (story) => {
    expect(
      await runClient(cluster.get().kubeconfig, process.execPath, [join(folder, 'stories.mjs'), story, `js-${story}`]),
    ).toBe('ok');
  });
});
