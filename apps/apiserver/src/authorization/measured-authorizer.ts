import { exponentialBuckets, type Clock, type MetricsRegistry } from '@pilothouse/component';
import type { Authorizer } from './authorizer.ts';

const BUCKETS = exponentialBuckets(0.001, 2, 15);
const RESULTS = { allow: 'allowed', deny: 'denied', none: 'no-opinion' } as const;

/** Counts and times what an authorizer decides, under upstream's names. */
export function measuredAuthorizer(authorizer: Authorizer, metrics: MetricsRegistry, clock: Clock): Authorizer {
  const attempts = metrics.counter({
    name: 'authorization_attempts_total',
    help: "Counter of authorization attempts broken down by result. It can be either 'allowed', 'denied', 'no-opinion' or 'error'.",
    labels: ['result'],
  });
  const duration = metrics.histogram({
    name: 'authorization_duration_seconds',
    help: 'Authorization duration in seconds broken out by result.',
    labels: ['result'],
    buckets: BUCKETS,
  });
  return {
    async authorize(attributes) {
      const startMs = clock.monotonicMs();
      let result: string = 'error';
      try {
        const decision = await authorizer.authorize(attributes);
        result = RESULTS[decision.decision];
        return decision;
      } finally {
        attempts.with(result).inc();
        duration.with(result).observe((clock.monotonicMs() - startMs) / 1000);
      }
    },
  };
}
