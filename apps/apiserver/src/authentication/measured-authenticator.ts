import { exponentialBuckets, type Clock, type MetricsRegistry } from '@pilothouse/component';
import type { Authenticator } from './authenticator.ts';

const BUCKETS = exponentialBuckets(0.001, 2, 15);

/** Counts and times what an authenticator does, under upstream's names. */
export function measuredAuthenticator(
  authenticator: Authenticator,
  metrics: MetricsRegistry,
  clock: Clock,
): Authenticator {
  const users = metrics.counter({
    name: 'authenticated_user_requests',
    help: 'Counter of authenticated requests broken out by username.',
    labels: ['username'],
  });
  const attempts = metrics.counter({
    name: 'authentication_attempts',
    help: 'Counter of authenticated attempts.',
    labels: ['result'],
  });
  const duration = metrics.histogram({
    name: 'authentication_duration_seconds',
    help: 'Authentication duration in seconds broken out by result.',
    labels: ['result'],
    buckets: BUCKETS,
  });
  return {
    async authenticate(request) {
      const startMs = clock.monotonicMs();
      let result = 'error';
      try {
        const user = await authenticator.authenticate(request);
        result = user ? 'success' : 'failure';
        if (user) users.with(sortOfUser(user.name)).inc();
        return user;
      } finally {
        attempts.with(result).inc();
        duration.with(result).observe((clock.monotonicMs() - startMs) / 1000);
      }
    },
  };
}

const KNOWN = new Set(['admin', 'client', 'kube_proxy', 'kubelet', 'system:serviceaccount:kube-system:default']);

/** A few names are told apart; a metric must not grow with the number of users. */
function sortOfUser(name: string): string {
  if (KNOWN.has(name)) return name;
  return name.includes('@') ? 'email_id' : 'other';
}
