import type { Stage } from './stage.ts';

/** The readiness probe has succeeded, or there is none; `pilothouse.dev/ready-after` makes it later. */
export const probeReady: Stage = {
  name: 'probe-ready',
  for: 'probe',
  selector: {
    state: 'started',
    matchExpressions: [{ key: 'probe.readiness', operator: 'NotIn', values: ['pending', 'failed'] }],
  },
  delay: { durationFrom: 'probe.readinessTime' },
  next: { state: 'ready' },
};
