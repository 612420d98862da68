import { readFileSync } from 'node:fs';
import type { Clock } from '@pilothouse/component';

/** As client-go: projected tokens are replaced long before they expire. */
const REREAD_MS = 60_000;

/** The token in a file that is replaced under the process. Keeps the last one while the file cannot be read. */
export function fileTokenSource(path: string, clock: Clock): () => string {
  let token: string | undefined;
  let readAtMs = 0;
  return () => {
    const nowMs = clock.monotonicMs();
    if (token !== undefined && nowMs - readAtMs < REREAD_MS) return token;
    try {
      token = readFileSync(path, 'utf8').trim();
      readAtMs = nowMs;
    } catch (error) {
      if (token === undefined) throw error;
    }
    return token;
  };
}
