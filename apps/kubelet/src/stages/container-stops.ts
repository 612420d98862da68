import type { Stage } from './stage.ts';

/** A service told to stop finishes its work and exits with 0. */
export const containerStops: Stage = {
  name: 'container-stops',
  for: 'container',
  selector: { state: 'stopping' },
  delay: { durationFrom: 'container.stopTime' },
  next: { state: 'exited', exitCode: 0, log: 'received SIGTERM, shutting down' },
};
