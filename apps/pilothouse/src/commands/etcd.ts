import { resolve } from 'node:path';
import { DataDir } from '../data-dir/data-dir.ts';
import { lockOwner } from '../data-dir/lock.ts';
import { readState } from '../data-dir/state.ts';
import { fetchMaintenanceStatus } from '../etcd/maintenance-status.ts';
import { readSnapshotStatus, saveSnapshot } from '../etcd/snapshot.ts';
import type { SnapshotStatus } from '../etcd/snapshot.ts';
import { readFlags } from '../flags.ts';
import { UserError } from '../user-error.ts';

const USAGE = 'pilothouse etcd status | snapshot save <file> | snapshot status <file>';

/** Looks after the etcd of a data directory. */
export async function etcd(args: readonly string[]): Promise<number> {
  const { values, positionals } = readFlags(args, { 'data-dir': { type: 'string' } }, true);
  const file = (): string => {
    const last = positionals[2];
    if (!last) throw new UserError(`a file is needed: ${USAGE}`);
    return resolve(process.env['INIT_CWD'] ?? process.cwd(), last);
  };
  switch (positionals.slice(0, 2).join(' ')) {
    case 'status': {
      const status = await fetchMaintenanceStatus(endpointOf(DataDir.from(values['data-dir'])));
      const { version, revision, dbSizeBytes, dbSizeInUseBytes, errors } = status;
      const size = `${megabytes(dbSizeBytes)} MB, ${megabytes(dbSizeInUseBytes)} MB of it in use`;
      process.stdout.write(`etcd ${version} · revision ${revision} · ${size}\n`);
      for (const error of errors) process.stdout.write(`  ${error}\n`);
      return errors.length > 0 ? 1 : 0;
    }
    case 'snapshot save': {
      const target = file();
      describe(target, await saveSnapshot(endpointOf(DataDir.from(values['data-dir'])), target));
      return 0;
    }
    case 'snapshot status': {
      const snapshot = readSnapshotStatus(file());
      describe(file(), snapshot);
      return snapshot.intact ? 0 : 1;
    }
    default:
      throw new UserError(`usage: ${USAGE}`);
  }
}

function endpointOf(dataDir: DataDir): string {
  const state = readState(dataDir);
  if (!state || !lockOwner(dataDir)) throw new UserError(`nothing runs for ${dataDir.path}`);
  return `http://127.0.0.1:${state.ports.etcdClient}`;
}

function describe(file: string, { bytes, sha256, intact }: SnapshotStatus): void {
  process.stdout.write(intact ? `${file} · ${megabytes(bytes)} MB · sha256 ${sha256}\n` : `${file} is damaged\n`);
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}
