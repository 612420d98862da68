import type { Stage } from './stage.ts';

/** The startup probe succeeds, after its initial delay. */
export const probeStarted: Stage = {
  name: 'probe-started',
  for: 'probe',
  selector: { state: 'starting' },
  delay: { durationFrom: 'probe.startupTime' },
  next: { state: 'started' },
};
