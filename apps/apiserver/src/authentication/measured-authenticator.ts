import type { Clock, MetricsRegistry } from '@pilothouse/component';
import { AttemptMeter } from '../attempt-meter.ts';
import type { Authenticator } from './authenticator.ts';

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
  const meter = new AttemptMeter(metrics, clock, {
    attempts: { name: 'authentication_attempts', help: 'Counter of authenticated attempts.' },
    duration: {
      name: 'authentication_duration_seconds',
      help: 'Authentication duration in seconds broken out by result.',
    },
  });
  return {
    async authenticate(request) {
      const user = await meter.measure(
        () => authenticator.authenticate(request),
        (found) => (found ? 'success' : 'failure'),
      );
      if (user) users.with(sortOfUser(user.name)).inc();
      return user;
    },
  };
}

const KNOWN = new Set(['admin', 'client', 'kube_proxy', 'kubelet', 'system:serviceaccount:kube-system:default']);

/** A few names are told apart; a metric must not grow with the number of users. */
function sortOfUser(name: string): string {
  if (KNOWN.has(name)) return name;
  return name.includes('@') ? 'email_id' : 'other';
}
