import type { Stage } from './stage.ts';

/** Once `pilothouse.dev/ready` no longer says `false`, the probe succeeds again. */
export const probeRecovers: Stage = {
  name: 'probe-recovers',
  for: 'probe',
  selector: { state: 'failing', matchExpressions: [{ key: 'annotation.ready', operator: 'NotIn', values: ['false'] }] },
  next: { state: 'ready' },
};
