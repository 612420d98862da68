import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { EtcdAccess } from './etcd-gateway.ts';
import { saveSnapshot } from './snapshot.ts';
import type { SnapshotStatus } from './snapshot.ts';

export interface SnapshotSchedule {
  readonly directory: string;
  readonly everyMs: number;
  /** How many stay; older ones go once a newer one is whole. */
  readonly keep: number;
}

/** A failed one is tried again this soon, not after the whole interval. */
const RETRY_MS = 30_000;

const NAME = /^etcd-\d{8}T\d{6}Z\.db$/;

/** `etcd-20260131T235900Z.db`: in the order of their names they are in the order of time. */
export function snapshotName(now: Date): string {
  return `etcd-${now.toISOString().replaceAll(/[-:]|\.\d+/g, '')}.db`;
}

/** The snapshots that have become too old, of all the names in the directory. */
export function planRetention(names: readonly string[], keep: number): string[] {
  const snapshots = names.filter((name) => NAME.test(name)).sort();
  return snapshots.slice(0, Math.max(0, snapshots.length - keep));
}

/** Makes one snapshot now from the first member that can, and lets the oldest go. */
export async function saveScheduledSnapshot(
  access: EtcdAccess,
  { directory, keep }: SnapshotSchedule,
  now: Date,
): Promise<{ file: string; status: SnapshotStatus }> {
  const file = join(directory, snapshotName(now));
  let failure: unknown;
  for (const endpoint of access.endpoints) {
    try {
      const status = await saveSnapshot(access, endpoint, file);
      for (const old of planRetention(readdirSync(directory), keep)) rmSync(join(directory, old));
      return { file, status };
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}

/** Until told to stop. `said` hears of every snapshot and of every failure. */
export async function runSnapshotSchedule(
  access: EtcdAccess,
  schedule: SnapshotSchedule,
  signal: AbortSignal,
  said: (line: string) => void,
): Promise<void> {
  while (!signal.aborted) {
    let pauseMs = schedule.everyMs;
    try {
      const { file, status } = await saveScheduledSnapshot(access, schedule, new Date());
      said(`${file} · ${(status.bytes / 1e6).toFixed(1)} MB · sha256 ${status.sha256}`);
    } catch (error) {
      pauseMs = Math.min(RETRY_MS, schedule.everyMs);
      said(`no snapshot: ${(error as Error).message}`);
    }
    await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
  }
}
