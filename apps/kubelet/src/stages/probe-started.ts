import type { Stage } from './stage.ts';

/** There is no startup probe, or it has succeeded. */
export const probeStarted: Stage = {
  name: 'probe-started',
  for: 'probe',
  selector: {
    state: 'starting',
    matchExpressions: [{ key: 'probe.startup', operator: 'NotIn', values: ['pending', 'failed'] }],
  },
  next: { state: 'started' },
};
