import type { Stage } from './stage.ts';

/** A container of a Job whose program is not known is taken to succeed after a second; `exit-after` sets how long. */
export const jobContainerCompletes: Stage = {
  name: 'job-container-completes',
  for: 'container',
  selector: {
    state: 'running',
    matchExpressions: [
      { key: 'pod.owner', operator: 'In', values: ['Job'] },
      { key: 'container.kind', operator: 'In', values: ['regular'] },
      { key: 'process.state', operator: 'In', values: ['service'] },
    ],
  },
  delay: { duration: '1s' },
  next: { state: 'exited', exitCode: 0 },
};
