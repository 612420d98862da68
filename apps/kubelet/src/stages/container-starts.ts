import type { Stage } from './stage.ts';

/** A created container runs. `pilothouse.dev/start-delay` makes it slow to start. */
export const containerStarts: Stage = {
  name: 'container-starts',
  for: 'container',
  selector: { state: 'created' },
  delay: { durationFrom: 'annotation.start-delay', duration: '5ms' },
  next: { state: 'running' },
};
