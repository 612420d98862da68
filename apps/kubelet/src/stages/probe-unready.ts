import type { Stage } from './stage.ts';

/** The readiness probe of a ready container has failed as often as its threshold says. */
export const probeUnready: Stage = {
  name: 'probe-unready',
  for: 'probe',
  selector: { state: 'ready', matchExpressions: [{ key: 'probe.readiness', operator: 'In', values: ['failed'] }] },
  next: { state: 'failing' },
};
