import type { Stage } from './stage.ts';

/** A command that does not handle SIGTERM dies of it. */
export const commandStopped: Stage = {
  name: 'command-stopped',
  for: 'container',
  selector: { state: 'stopping', matchExpressions: [{ key: 'process.state', operator: 'In', values: ['running'] }] },
  delay: { durationFrom: 'container.stopTime' },
  next: { state: 'exited', exitCode: 143 },
};
