import type { Stage } from './stage.ts';

/** `pilothouse.dev/pull-error: <text>` makes every pull fail with that text. */
export const imagePullFails: Stage = {
  name: 'image-pull-fails',
  for: 'image',
  selector: { state: 'pulling', matchExpressions: [{ key: 'annotation.pull-error', operator: 'Exists' }] },
  delay: { durationFrom: 'annotation.pull-duration', duration: '20ms' },
  next: { state: 'failed', message: '{annotation.pull-error}' },
};
