import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 50;

/** Resolves when `holds` does; what it throws meanwhile counts as not yet. */
export async function eventually(what: string, withinMs: number, holds: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + withinMs;
  let last: unknown;
  while (performance.now() < deadline) {
    try {
      if (await holds()) return;
    } catch (error) {
      last = error;
    }
    await sleep(POLL_MS);
  }
  throw new Error(`not within ${withinMs} ms: ${what}${last === undefined ? '' : ` (${String(last)})`}`, {
    cause: last,
  });
}
