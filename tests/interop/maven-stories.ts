import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { cacheDir, isInstalled, prepare, runClient, useCluster } from './cluster.ts';

export interface MavenClient {
  readonly title: string;
  /** The folder beside this file with its `pom.xml`. */
  readonly folder: string;
  /** What Maven must be able to get: `group:artifact`. */
  readonly library: string;
  readonly stories: readonly string[];
}

/** Stories told by a Java program, each in a namespace of its own; skipped where there is no Maven or no library. */
export function mavenStories({ title, folder, library, stories }: MavenClient): void {
  describe.skipIf(!isInstalled('mvn') || !isInstalled('javac'))(title, () => {
    const cluster = useCluster();
    const target = cacheDir(folder);
    const classPath = [join(target, 'classes'), join(target, 'dependency', '*')].join(':');
    let missing = '';

    beforeAll(() => {
      const cwd = join(import.meta.dirname, folder);
      const goals = ['compile', 'dependency:copy-dependencies'];
      try {
        prepare('mvn', ['-q', '-B', `-Dstories.target=${target}`, ...goals], { cwd });
      } catch (error) {
        const { stdout } = error as { stdout?: Buffer };
        if (!/could not (be )?resolve|failed to read artifact/i.test(String(stdout))) throw error;
        missing = `Maven cannot get ${library} here`;
      }
    }, 600_000);

    it.for(stories)('%s', async (story, { skip }) => {
      skip(missing !== '', missing);
      const args = ['-cp', classPath, 'stories.Main', story, `${folder}-${story}`];
      expect(await runClient(cluster.get().kubeconfig, 'java', args)).toMatch(/ok$/);
    });
  });
}
