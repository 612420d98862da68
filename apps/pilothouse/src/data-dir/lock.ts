import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { UserError } from '../user-error.ts';
import type { DataDir } from './data-dir.ts';
import type { ProcessIdentity } from './process-identity.ts';
import { identify, isAlive } from './process-identity.ts';

/**
 * Two supervisors on one data directory would run two etcds on the same files. A lock whose owner is gone (killed, or
 * the machine went down) is taken over.
 */
export function lockDataDir(dataDir: DataDir): () => void {
  const text = JSON.stringify(identify(process.pid));
  for (;;) {
    try {
      writeFileSync(dataDir.lock, text, { flag: 'wx', mode: 0o600 });
      return () => rmSync(dataDir.lock, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const owner = lockOwner(dataDir);
    if (owner)
      throw new UserError(
        `data directory ${dataDir.path} is in use by process ${owner.pid} (pilothouse down stops it)`,
      );
    rmSync(dataDir.lock, { force: true });
  }
}

/** Who holds the directory now; undefined when nobody who is alive does. */
export function lockOwner(dataDir: DataDir): ProcessIdentity | undefined {
  try {
    const owner = JSON.parse(readFileSync(dataDir.lock, 'utf8')) as ProcessIdentity;
    return isAlive(owner) ? owner : undefined;
  } catch {
    return undefined;
  }
}
