import { resolve } from 'node:path';
import { parseDurationMs } from '@pilothouse/component';
import { DataDir } from '../data-dir/data-dir.ts';
import { lockOwner } from '../data-dir/lock.ts';
import { readState } from '../data-dir/state.ts';
import { compactToNow, defragment, disarmAlarms } from '../etcd/defragment.ts';
import { etcdAccess } from '../etcd/etcd-gateway.ts';
import type { EtcdAccess } from '../etcd/etcd-gateway.ts';
import { fetchMaintenanceStatus } from '../etcd/maintenance-status.ts';
import { replaceMember } from '../etcd/replace-member.ts';
import { restoreSnapshot } from '../etcd/restore.ts';
import { readSnapshotStatus, saveSnapshot } from '../etcd/snapshot.ts';
import type { SnapshotStatus } from '../etcd/snapshot.ts';
import { runSnapshotSchedule } from '../etcd/snapshot-schedule.ts';
import { integerFlag, readFlags } from '../flags.ts';
import { UserError } from '../user-error.ts';

const USAGE = `pilothouse etcd status | defrag | member replace <name> | snapshot save <file> | snapshot status <file> |
  snapshot schedule <directory> [--every=1h] [--keep=48] |
  snapshot restore <file> --etcd-data-dir=<new> [--name=… --initial-cluster=… --initial-advertise-peer-urls=…]
The etcd of a --data-dir, or any: --endpoints=https://a:2379,https://b:2379 --cacert=… --cert=… --key=…`;

const FLAGS = {
  'data-dir': { type: 'string' },
  endpoints: { type: 'string' },
  cacert: { type: 'string' },
  cert: { type: 'string' },
  key: { type: 'string' },
  every: { type: 'string', default: '1h' },
  keep: { type: 'string', default: '48' },
  'etcd-data-dir': { type: 'string' },
  name: { type: 'string', default: 'pilothouse' },
  'initial-cluster': { type: 'string', default: 'pilothouse=http://localhost:2380' },
  'initial-cluster-token': { type: 'string' },
  'initial-advertise-peer-urls': { type: 'string', default: 'http://localhost:2380' },
} as const;

type Values = ReturnType<typeof readFlags<typeof FLAGS>>['values'];

/** Looks after etcd: the one of a data directory, or any cluster. */
export async function etcd(args: readonly string[]): Promise<number> {
  const { values, positionals } = readFlags(args, FLAGS, true);
  const path = (): string => fromHere(positionals[2]);
  switch (positionals.slice(0, 2).join(' ')) {
    case 'status':
      return status(accessOf(values));
    case 'defrag':
      return defrag(accessOf(values));
    case 'member replace': {
      const { name, initialCluster } = await replaceMember(accessOf(values), positionals[2] ?? '');
      print(`start ${name} on an empty directory with`);
      print(`  --initial-cluster-state=existing --initial-cluster=${initialCluster}`);
      return 0;
    }
    case 'snapshot save': {
      const access = accessOf(values);
      describe(path(), await saveSnapshot(access, access.endpoints[0]!, path()));
      return 0;
    }
    case 'snapshot status': {
      const snapshot = readSnapshotStatus(path());
      describe(path(), snapshot);
      return snapshot.intact ? 0 : 1;
    }
    case 'snapshot schedule':
      return schedule(accessOf(values), path(), values);
    case 'snapshot restore': {
      const { name, 'initial-cluster': initialCluster, 'initial-cluster-token': initialClusterToken } = values;
      const initialAdvertisePeerUrls = values['initial-advertise-peer-urls'];
      const etcdDataDir = fromHere(values['etcd-data-dir']);
      const cluster = { name, initialCluster, initialAdvertisePeerUrls, initialClusterToken };
      restoreSnapshot({ file: path(), etcdDataDir, ...cluster });
      print(`${etcdDataDir} is made; start etcd on it with the same --name and --initial-cluster`);
      return 0;
    }
    default:
      throw new UserError(`usage: ${USAGE}`);
  }
}

async function status(access: EtcdAccess): Promise<number> {
  let problems = 0;
  for (const endpoint of access.endpoints) {
    try {
      const one = await fetchMaintenanceStatus(access, endpoint);
      const size = `${megabytes(one.dbSizeBytes)} MB, ${megabytes(one.dbSizeInUseBytes)} MB of it in use`;
      const name = access.endpoints.length > 1 ? `${endpoint} · ${one.isLeader ? 'leader' : 'follower'} · ` : '';
      print(`${name}etcd ${one.version} · revision ${one.revision} · ${size}`);
      for (const error of one.errors) print(`  ${error}`);
      problems += one.errors.length;
    } catch (error) {
      if (access.endpoints.length === 1) throw error;
      print((error as Error).message);
      problems++;
    }
  }
  return problems > 0 ? 1 : 0;
}

/** The whole way out of a full database: forget old revisions, give their space back, take the alarm back. */
async function defrag(access: EtcdAccess): Promise<number> {
  print(`compacted up to revision ${await compactToNow(access)}`);
  for await (const { endpoint, bytesBefore, bytesAfter } of defragment(access)) {
    print(`${endpoint} · ${megabytes(bytesBefore)} MB → ${megabytes(bytesAfter)} MB`);
  }
  for (const alarm of await disarmAlarms(access)) print(`alarm ${alarm} taken back`);
  return 0;
}

async function schedule(access: EtcdAccess, directory: string, { every, keep }: Values): Promise<number> {
  const everyMs = parseDurationMs(every);
  if (everyMs === undefined || everyMs < 1000)
    throw new UserError(`--every must be a duration such as 1h, not ${every}`);
  const told = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => told.abort());
  const plan = { directory, everyMs, keep: integerFlag('keep', keep, 1, 1_000_000) };
  await runSnapshotSchedule(access, plan, told.signal, print);
  return 0;
}

function accessOf({ endpoints, cacert, cert, key, 'data-dir': flag }: Values): EtcdAccess {
  if (endpoints) return etcdAccess(endpoints, cacert, cert, key);
  const dataDir = DataDir.from(flag);
  const state = readState(dataDir);
  if (!state || !lockOwner(dataDir)) throw new UserError(`nothing runs for ${dataDir.path}`);
  return { endpoints: [`http://127.0.0.1:${state.ports.etcdClient}`] };
}

/** Relative paths are the user's, also when npm has changed the directory. */
function fromHere(path: string | undefined): string {
  if (!path) throw new UserError(`a file is needed: ${USAGE}`);
  return resolve(process.env['INIT_CWD'] ?? process.cwd(), path);
}

function describe(file: string, { bytes, sha256, intact }: SnapshotStatus): void {
  print(intact ? `${file} · ${megabytes(bytes)} MB · sha256 ${sha256}` : `${file} is damaged`);
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
