import { afterAll, beforeAll } from 'vitest';
import { NpmStart } from './npm-start.ts';
import type { NpmStartOptions } from './npm-start.ts';

/** One cluster for all stories of a file; each story works in a namespace of its own. */
export function useCluster(options: NpmStartOptions = {}): { readonly get: () => NpmStart } {
  let cluster: NpmStart | undefined;
  beforeAll(async () => {
    cluster = await NpmStart.ready(options);
  });
  afterAll(async () => {
    await cluster?.remove();
  });
  return {
    get: () => {
      if (!cluster) throw new Error('the cluster has not started');
      return cluster;
    },
  };
}

/** kubectl, as a user types it: `await kubectl('get pods -n demo')`. Quoted parts stay together. */
export function kubectlOf(cluster: {
  readonly get: () => NpmStart;
}): (line: string, input?: string) => Promise<string> {
  return (line, input) =>
    cluster.get().kubectl(...splitLine(line), ...(input === undefined ? [] : ['-f', cluster.get().file(input)]));
}

/** Splits at spaces outside quotes, as a shell does; a quote may begin inside a word (`--schedule='* * * * *'`). */
function splitLine(line: string): string[] {
  const words = line.match(/(?:'[^']*'|"[^"]*"|[^\s'"])+/g) ?? [];
  return words.map((word) =>
    word.replaceAll(/'([^']*)'|"([^"]*)"/g, (_, single?: string, double?: string) => single ?? double ?? ''),
  );
}
