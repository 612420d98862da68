import type { Stage } from './stage.ts';

/** A command that the simulated shell understands has run to its end. */
export const commandEnds: Stage = {
  name: 'command-ends',
  for: 'container',
  selector: { state: 'running', matchExpressions: [{ key: 'process.state', operator: 'In', values: ['ended'] }] },
  next: { state: 'exited', exitCodeFrom: 'process.exitCode' },
};
