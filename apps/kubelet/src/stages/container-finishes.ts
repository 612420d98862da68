import type { Stage } from './stage.ts';

/** `pilothouse.dev/exit-after: <duration>` alone: the container exits with 0 after that long. */
export const containerFinishes: Stage = {
  name: 'container-finishes',
  for: 'container',
  selector: {
    state: 'running',
    matchExpressions: [
      { key: 'annotation.exit-after', operator: 'Exists' },
      { key: 'container.exitsSpent', operator: 'DoesNotExist' },
    ],
  },
  delay: { durationFrom: 'annotation.exit-after' },
  next: { state: 'exited', exitCode: 0 },
};
