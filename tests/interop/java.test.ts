import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { cacheDir, isInstalled, prepare, runClient, useCluster } from './cluster.ts';

const STORIES = ['objects', 'apply', 'protobuf', 'watch', 'informers', 'leader-election', 'streams'];

describe.skipIf(!isInstalled('mvn') || !isInstalled('javac'))('the official Java client', () => {
  const cluster = useCluster();
  const target = cacheDir('java');
  const classPath = [join(target, 'classes'), join(target, 'dependency', '*')].join(':');
  let missing = '';

  beforeAll(() => {
    const cwd = join(import.meta.dirname, 'java');
    const goals = ['compile', 'dependency:copy-dependencies'];
    try {
      prepare('mvn', ['-q', '-B', `-Dstories.target=${target}`, ...goals], { cwd });
    } catch (error) {
      const { stdout } = error as { stdout?: Buffer };
      if (!/could not (be )?resolve|failed to read artifact/i.test(String(stdout))) throw error;
      missing = 'Maven cannot get io.kubernetes:client-java here';
    }
  }, 600_000);

  it.for(STORIES)('%s', async (story, { skip }) => {
    skip(missing !== '', missing);
    const args = ['-cp', classPath, 'stories.Main', story, `official-${story}`];
    expect(await runClient(cluster.get().kubeconfig, 'java', args)).toMatch(/ok$/);
  });
});
