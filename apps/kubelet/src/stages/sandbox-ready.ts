import type { Stage } from './stage.ts';

/** The network of a pod is set up, and the pod has its addresses. */
export const sandboxReady: Stage = {
  name: 'sandbox-ready',
  for: 'sandbox',
  selector: { state: 'creating' },
  delay: { duration: '2ms', jitter: '8ms' },
  next: { state: 'ready' },
};
