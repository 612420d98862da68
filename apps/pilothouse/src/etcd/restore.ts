import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { UserError } from '../user-error.ts';
import { readSnapshotStatus } from './snapshot.ts';

/** One member of the cluster that is born from a snapshot; etcd's own flags. */
export interface RestoreOptions {
  readonly file: string;
  readonly etcdDataDir: string;
  readonly name: string;
  readonly initialCluster: string;
  readonly initialAdvertisePeerUrls: string;
  /** Taken from the snapshot when it is not given: the same for all members, another than that of the lost cluster. */
  readonly initialClusterToken?: string | undefined;
}

/** etcdutl from 3.5 on, etcdctl before; both write what only etcd itself may write: its database. */
const TOOLS = ['etcdutl', 'etcdctl'];

/** Makes the data directory of a member. Every member of a new cluster is made from the same snapshot. */
export function restoreSnapshot(options: RestoreOptions): void {
  const { file, etcdDataDir, name, initialCluster, initialAdvertisePeerUrls } = options;
  const { intact, sha256 } = readSnapshotStatus(file);
  if (!intact) throw new UserError(`${file} is damaged`);
  if (existsSync(etcdDataDir)) throw new UserError(`${etcdDataDir} is already there: a restore overwrites nothing`);
  const args = [
    ...['snapshot', 'restore', file, `--data-dir=${etcdDataDir}`, `--name=${name}`],
    ...[
      `--initial-cluster=${initialCluster}`,
      `--initial-cluster-token=${options.initialClusterToken ?? `restored-${sha256.slice(0, 16)}`}`,
    ],
    `--initial-advertise-peer-urls=${initialAdvertisePeerUrls}`,
  ];
  for (const tool of TOOLS) {
    const result = spawnSync(tool, args, { encoding: 'utf8', env: { ...process.env, ETCDCTL_API: '3' } });
    if ((result.error as NodeJS.ErrnoException | undefined)?.code === 'ENOENT') continue;
    if (result.status === 0) return;
    throw new UserError(`${tool}: ${result.error?.message ?? result.stderr.trim()}`);
  }
  throw new UserError(`a restore needs ${TOOLS.join(' or ')} on the PATH`);
}
