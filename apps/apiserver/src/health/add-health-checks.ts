import type { Clock, Health, HealthCheck } from '@pilothouse/component';
import type { Storage } from '@pilothouse/storage';

/** For so long the log may take nothing. */
const LOG_BLOCKED_MS = 2 * 60_000;

export interface HealthCheckOptions {
  readonly health: Health;
  readonly storage: Storage;
  readonly clock: Clock;
  /** How long etcd may take to answer, for a server that is to live, and for one that is to be asked. */
  readonly healthCheckTimeoutMs: number;
  readonly readyCheckTimeoutMs: number;
  readonly haveCachesSynced: () => boolean;
}

/** Of the parts that the server stands on. https://kubernetes.io/docs/reference/using-api/health-checks/ */
export function addHealthChecks(options: HealthCheckOptions): void {
  const { health, storage, clock, healthCheckTimeoutMs, readyCheckTimeoutMs, haveCachesSynced } = options;
  health.addCheck(logCheck(clock));
  health.addCheck({ name: 'etcd', check: () => checkStorage(storage, healthCheckTimeoutMs) });
  const readiness = () => checkStorage(storage, readyCheckTimeoutMs);
  health.addCheck({ name: 'etcd-readiness', on: ['readyz'], check: async () => void (await readiness()) });
  const informerSync = (): void => {
    if (!haveCachesSynced()) throw new Error('caches not filled yet');
  };
  health.addCheck({ name: 'informer-sync', on: ['readyz'], check: informerSync });
}

/** Fails when nothing that is logged comes out: a pipe that nobody reads. */
function logCheck(clock: Clock): HealthCheck {
  let blockedSinceMs: number | undefined;
  return {
    name: 'log',
    check() {
      if (!process.stderr.writableNeedDrain) {
        blockedSinceMs = undefined;
        return;
      }
      blockedSinceMs ??= clock.monotonicMs();
      if (clock.monotonicMs() - blockedSinceMs >= LOG_BLOCKED_MS) throw new Error('logging blocked');
    },
  };
}

/**
 * An alarm is told, and no failure: while etcd is out of space this server reads and deletes, and a balancer that took
 * every server out of service would leave nobody to delete with.
 */
async function checkStorage(storage: Storage, timeoutMs: number): Promise<string> {
  const { ok, problems, alarms } = await storage.health(timeoutMs);
  if (!ok) throw new Error(problems.join('; '));
  return alarms.length === 0 ? '' : `alarm ${alarms.join(', ')}`;
}
