import type { Stage } from './stage.ts';

/** An init container whose program is not known is taken to do its work well, and quickly. */
export const initContainerCompletes: Stage = {
  name: 'init-container-completes',
  for: 'container',
  selector: {
    state: 'running',
    matchExpressions: [
      { key: 'container.kind', operator: 'In', values: ['init'] },
      { key: 'process.state', operator: 'In', values: ['service'] },
    ],
  },
  delay: { duration: '100ms' },
  next: { state: 'exited', exitCode: 0 },
};
