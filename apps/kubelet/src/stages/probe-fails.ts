import type { Stage } from './stage.ts';

/** `pilothouse.dev/ready: "false"`: the readiness probe fails for as long as the annotation says so. */
export const probeFails: Stage = {
  name: 'probe-fails',
  for: 'probe',
  selector: { state: 'started', matchExpressions: [{ key: 'annotation.ready', operator: 'In', values: ['false'] }] },
  delay: { durationFrom: 'probe.readinessTime' },
  next: {
    state: 'failing',
    event: { type: 'Warning', reason: 'Unhealthy', message: 'Readiness probe failed: {probe.failure}' },
  },
};
