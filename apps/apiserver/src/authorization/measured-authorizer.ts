import type { Clock, MetricsRegistry } from '@pilothouse/component';
import { AttemptMeter } from '../attempt-meter.ts';
import type { Authorizer } from './authorizer.ts';

const RESULTS = { allow: 'allowed', deny: 'denied', none: 'no-opinion' } as const;

/** Counts and times what an authorizer decides, under upstream's names. */
export function measuredAuthorizer(authorizer: Authorizer, metrics: MetricsRegistry, clock: Clock): Authorizer {
  const meter = new AttemptMeter(metrics, clock, {
    attempts: {
      name: 'authorization_attempts_total',
      help: "Counter of authorization attempts broken down by result. It can be either 'allowed', 'denied', 'no-opinion' or 'error'.",
    },
    duration: {
      name: 'authorization_duration_seconds',
      help: 'Authorization duration in seconds broken out by result.',
    },
  });
  return {
    authorize: (attributes) =>
      meter.measure(
        () => authorizer.authorize(attributes),
        ({ decision }) => RESULTS[decision],
      ),
  };
}
