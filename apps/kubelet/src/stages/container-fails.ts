import type { Stage } from './stage.ts';

/** `pilothouse.dev/exit-code: "<n>"`: the container exits with that code, after `exit-after` (1 s). */
export const containerFails: Stage = {
  name: 'container-fails',
  for: 'container',
  selector: {
    state: 'running',
    matchExpressions: [
      { key: 'annotation.exit-code', operator: 'Exists' },
      { key: 'container.exitsSpent', operator: 'DoesNotExist' },
    ],
  },
  delay: { durationFrom: 'annotation.exit-after', duration: '1s' },
  next: { state: 'exited', exitCodeFrom: 'annotation.exit-code' },
};
