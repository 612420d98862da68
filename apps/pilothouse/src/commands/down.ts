import { setTimeout as sleep } from 'node:timers/promises';
import { DataDir } from '../data-dir/data-dir.ts';
import { lockOwner } from '../data-dir/lock.ts';
import { isAlive } from '../data-dir/process-identity.ts';
import { readState } from '../data-dir/state.ts';
import { readFlags } from '../flags.ts';
import { stopLeftovers } from '../up/stop-leftovers.ts';
import { UserError } from '../user-error.ts';

const PATIENCE_MS = 10_000;

/** Tells the supervisor of a data directory to stop, and waits until it has. */
export async function down(args: readonly string[]): Promise<number> {
  const { values } = readFlags(args, { 'data-dir': { type: 'string' } });
  const dataDir = DataDir.from(values['data-dir']);
  const owner = lockOwner(dataDir);
  if (!owner) {
    const leftovers = await stopLeftovers(readState(dataDir)?.processes ?? {});
    process.stdout.write(
      leftovers.length > 0 ? `Stopped ${leftovers.join(', ')}\n` : `Nothing runs for ${dataDir.path}\n`,
    );
    return 0;
  }
  process.kill(owner.pid, 'SIGTERM');
  const deadline = performance.now() + PATIENCE_MS;
  while (isAlive(owner)) {
    if (performance.now() > deadline)
      throw new UserError(`process ${owner.pid} has not stopped after ${PATIENCE_MS / 1000} s`);
    await sleep(50);
  }
  process.stdout.write('Stopped\n');
  return 0;
}
