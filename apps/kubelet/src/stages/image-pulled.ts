import type { Stage } from './stage.ts';

/** Every other image is found; the first pull on a node takes longer. `pilothouse.dev/pull-duration` sets how long. */
export const imagePulled: Stage = {
  name: 'image-pulled',
  for: 'image',
  selector: { state: 'pulling' },
  delay: { durationFrom: 'image.pullTime', jitter: '10ms' },
  next: { state: 'pulled' },
};
