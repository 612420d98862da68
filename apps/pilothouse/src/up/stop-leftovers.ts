import { setTimeout as sleep } from 'node:timers/promises';
import type { ProcessIdentity } from '../data-dir/process-identity.ts';
import { isAlive } from '../data-dir/process-identity.ts';

const PATIENCE_MS = 3000;

/**
 * After a supervisor was killed, its children are ending or, where nothing told them, still there: they hold the ports
 * and etcd's files. Told by their ids and start times, never by name.
 */
export async function stopLeftovers(processes: Readonly<Record<string, ProcessIdentity>>): Promise<string[]> {
  const alive = (): [string, ProcessIdentity][] => Object.entries(processes).filter(([, each]) => isAlive(each));
  const found = alive().map(([name]) => name);
  signalAll(alive(), 'SIGTERM');
  const deadline = performance.now() + PATIENCE_MS;
  while (alive().length > 0 && performance.now() < deadline) await sleep(20);
  signalAll(alive(), 'SIGKILL');
  while (alive().length > 0) await sleep(20);
  return found;
}

function signalAll(processes: readonly [string, ProcessIdentity][], signal: NodeJS.Signals): void {
  for (const [, { pid }] of processes) {
    try {
      process.kill(pid, signal);
    } catch {
      // It ended in between.
    }
  }
}
