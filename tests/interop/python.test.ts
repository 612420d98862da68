import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { cacheDir, isInstalled, prepare, runClient, useCluster } from './cluster.ts';

describe.skipIf(!isInstalled('python3'))('the Python client', () => {
  const cluster = useCluster();
  const folder = join(import.meta.dirname, 'python');
  const environment = cacheDir('python');
  const python = join(environment, 'bin', 'python');

  beforeAll(() => {
    if (!existsSync(python)) prepare('python3', ['-m', 'venv', environment]);
    prepare(python, ['-m', 'pip', 'install', '--quiet', '-r', join(folder, 'requirements.txt')]);
  }, 300_000);

  it.each(['objects', 'watches', 'dynamic', 'streams'])('%s', async (story) => {
    expect(await runClient(cluster.get().kubeconfig, python, [join(folder, 'stories.py'), story, `py-${story}`])).toBe(
      'ok',
    );
  });
});
