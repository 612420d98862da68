import type { Stage } from './stage.ts';

/** The annotation `pilothouse.dev/ready: "false"` on a running pod makes it unready, as a failing dependency would. */
export const probeTurnsBad: Stage = {
  name: 'probe-turns-bad',
  for: 'probe',
  selector: { state: 'ready', matchExpressions: [{ key: 'annotation.ready', operator: 'In', values: ['false'] }] },
  next: {
    state: 'failing',
    event: { type: 'Warning', reason: 'Unhealthy', message: 'Readiness probe failed: {probe.failure}' },
  },
};
