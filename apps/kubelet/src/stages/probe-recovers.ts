import type { Stage } from './stage.ts';

/** Once `pilothouse.dev/ready` no longer says `false` and the probe itself succeeds, the container is ready again. */
export const probeRecovers: Stage = {
  name: 'probe-recovers',
  for: 'probe',
  selector: {
    state: 'failing',
    matchExpressions: [
      { key: 'annotation.ready', operator: 'NotIn', values: ['false'] },
      { key: 'probe.readiness', operator: 'NotIn', values: ['pending', 'failed'] },
    ],
  },
  next: { state: 'ready' },
};
