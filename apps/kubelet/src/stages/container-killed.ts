import type { Stage } from './stage.ts';

/** A container that would take longer to stop than its grace period gets SIGKILL when that is over. */
export const containerKilled: Stage = {
  name: 'container-killed',
  for: 'container',
  selector: { state: 'stopping', matchExpressions: [{ key: 'container.killed', operator: 'Exists' }] },
  delay: { durationFrom: 'container.stopTime' },
  next: { state: 'exited', exitCode: 137 },
};
