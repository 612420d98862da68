import type { Stage } from './stage.ts';

/** A simulated program that runs until it is stopped says nothing when that happens. */
export const serverStopped: Stage = {
  name: 'server-stopped',
  for: 'container',
  selector: { state: 'stopping', matchExpressions: [{ key: 'process.state', operator: 'In', values: ['serving'] }] },
  delay: { durationFrom: 'container.stopTime' },
  next: { state: 'exited', exitCode: 0 },
};
