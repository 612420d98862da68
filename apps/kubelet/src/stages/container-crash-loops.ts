import type { Stage } from './stage.ts';

/** `pilothouse.dev/crash-loop: "true"`: the container exits with 1 soon after every start. */
export const containerCrashLoops: Stage = {
  name: 'container-crash-loops',
  for: 'container',
  selector: {
    state: 'running',
    matchExpressions: [
      { key: 'annotation.crash-loop', operator: 'In', values: ['true'] },
      { key: 'container.exitsSpent', operator: 'DoesNotExist' },
    ],
  },
  delay: { durationFrom: 'annotation.exit-after', duration: '1s' },
  next: { state: 'exited', exitCode: 1, log: 'fatal: simulated crash' },
};
