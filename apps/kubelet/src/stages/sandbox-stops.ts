import type { Stage } from './stage.ts';

/** The network of a pod is taken down once its containers are gone. */
export const sandboxStops: Stage = {
  name: 'sandbox-stops',
  for: 'sandbox',
  selector: { state: 'stopping' },
  delay: { duration: '2ms' },
  next: { state: 'stopped' },
};
