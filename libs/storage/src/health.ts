import type { Clock } from '@pilothouse/component';
import type { EtcdClient } from '@pilothouse/etcd';
import type { Log } from './log.ts';
import type { StorageHealth, StorageMetrics } from './storage.ts';

/** Asks etcd whether it can serve a consistent read and has alarms, and the log whether it follows. */
export async function checkHealth(
  etcd: EtcdClient,
  log: Log,
  currentRevision: () => Promise<number>,
  clock: Clock,
  metrics: StorageMetrics,
  timeoutMs: number,
): Promise<StorageHealth> {
  const problems: string[] = [];
  const [read, armed] = await Promise.all([
    within(timeoutMs, currentRevision(), clock).catch((error: Error) => error),
    within(timeoutMs, etcd.maintenance.alarms(), clock).catch((error: Error) => error),
  ]);
  if (read instanceof Error) problems.push(`etcd: ${read.message}`);
  // Whether there are alarms is not worth a server that reads and writes; the read above tells whether it does.
  const alarms = armed instanceof Error ? [] : [...new Set(armed.map(({ alarm }) => alarm))];
  if (!(armed instanceof Error)) metrics.alarms?.(alarms);
  const following = log.connected && !(read instanceof Error) && (await log.catchUp(read, timeoutMs));
  if (!following) problems.push(`the log stands at revision ${log.revision}`);
  return { ok: problems.length === 0, following, revision: log.revision, problems, alarms };
}

async function within<T>(timeoutMs: number, work: Promise<T>, clock: Clock): Promise<T> {
  const late = Promise.withResolvers<never>();
  const cancel = clock.after(timeoutMs, () => late.reject(new Error(`no answer within ${timeoutMs} ms`)));
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    cancel();
  }
}
