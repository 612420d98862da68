import type { Stage } from './stage.ts';

/** The readiness probe succeeds, after its initial delay or `pilothouse.dev/ready-after`. */
export const probeReady: Stage = {
  name: 'probe-ready',
  for: 'probe',
  selector: { state: 'started' },
  delay: { durationFrom: 'probe.readinessTime' },
  next: { state: 'ready' },
};
