import { systemRandom } from '@pilothouse/component';
import type { LeaderElectionOptions } from '../contract.ts';
import { LeaseCandidate } from './lease-candidate.ts';

/** client-go's: candidates wait up to 2.2 retry periods, so that they do not all try at once. */
const JITTER = 1.2;

/** `taken`: another holds the lease. `failed`: no telling. */
type Attempt = 'held' | 'taken' | 'failed';

/**
 * Runs `lead` while this process holds the lease. The signal `lead` gets aborts as soon as the lease is lost or could
 * soon be taken by another; whoever acts as leader must stop then. Resolves when leadership ended: `cancelled` by the
 * caller's signal, or `lost`, after which upstream's components exit. Rejects when `lead` does, having given the lease
 * back. See client-go's leaderelection.
 */
export async function runLeaderElection(
  options: LeaderElectionOptions,
  lead: (signal: AbortSignal) => void | Promise<void>,
  signal: AbortSignal,
): Promise<'cancelled' | 'lost'> {
  const { client, clock = client.clock, random = systemRandom(), releaseOnCancel = true } = options;
  const { leaseDurationMs = 15_000, renewDeadlineMs = 10_000, retryPeriodMs = 2_000 } = options;
  const { leadership: right } = options;
  const candidate = new LeaseCandidate({ ...options, clock, leaseDurationMs });

  /** One attempt, limited in time whatever the client does: an answer that comes too late must not count. */
  const tryHold = async (timeoutMs: number): Promise<Attempt> => {
    const attempt = new AbortController();
    const tooLate = Promise.withResolvers<Attempt>();
    attempt.signal.addEventListener('abort', () => tooLate.resolve('failed'), { once: true });
    const cancelTimer = clock.after(timeoutMs, () => attempt.abort(new Error('leader election request timed out')));
    const onAbort = () => attempt.abort(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      const answer = candidate.tryHold(attempt.signal).then(
        (held): Attempt => (held ? 'held' : 'taken'),
        (): Attempt => 'failed',
      );
      return await Promise.race([answer, tooLate.promise]);
    } finally {
      cancelTimer();
      signal.removeEventListener('abort', onAbort);
    }
  };

  // Counted from before the write is sent: others count from when they see it, so they always wait longer than we act.
  let renewedAtMs = clock.monotonicMs();
  try {
    while ((await tryHold(renewDeadlineMs)) !== 'held') {
      await clock.sleep(retryPeriodMs * (1 + JITTER * random.next()), signal);
      renewedAtMs = clock.monotonicMs();
    }
  } catch {
    return 'cancelled';
  }

  const leadership = new AbortController();
  const resign = (why: Error) => leadership.abort(why);
  right?.holdUntil(renewedAtMs + renewDeadlineMs);
  const onCancel = () => leadership.abort(signal.reason);
  signal.addEventListener('abort', onCancel, { once: true });
  if (signal.aborted) onCancel();
  const armDeadline = () => {
    const leftMs = renewedAtMs + renewDeadlineMs - clock.monotonicMs();
    return clock.after(leftMs, () => resign(new Error('leader election lost')));
  };
  let cancelDeadline = armDeadline();

  let failure: { error: unknown } | undefined;
  const led = Promise.resolve()
    .then(() => (leadership.signal.aborted ? undefined : lead(leadership.signal)))
    .catch((error: unknown) => {
      // Work that ends because it was told to is no failure.
      if (!leadership.signal.aborted) failure = { error };
      leadership.abort(error);
    });

  while (!leadership.signal.aborted) {
    try {
      await clock.sleep(retryPeriodMs, leadership.signal);
    } catch {
      break;
    }
    const startMs = clock.monotonicMs();
    const attempt = await tryHold(Math.max(0, renewedAtMs + renewDeadlineMs - startMs));
    if (leadership.signal.aborted) break;
    if (attempt === 'taken') resign(new Error('leader election lost: another holds the lease'));
    if (attempt !== 'held') continue;
    renewedAtMs = startMs;
    right?.holdUntil(renewedAtMs + renewDeadlineMs);
    cancelDeadline();
    cancelDeadline = armDeadline();
  }
  cancelDeadline();
  signal.removeEventListener('abort', onCancel);

  const cancelled = signal.aborted || failure !== undefined;
  if (cancelled && releaseOnCancel) {
    // The next leader may start as soon as the lease is free, so our own work must have ended before.
    const { promise: tooLate, resolve } = Promise.withResolvers<false>();
    const cancelTimer = clock.after(renewDeadlineMs, () => resolve(false));
    const ended = await Promise.race([led.then(() => true), tooLate]);
    cancelTimer();
    right?.end();
    if (ended) await candidate.release().catch(() => {});
  }
  right?.end();
  if (failure) throw failure.error;
  return cancelled ? 'cancelled' : 'lost';
}
