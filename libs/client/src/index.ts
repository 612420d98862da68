export type * from './contract.ts';
export { createKubeClient } from './kube-client.ts';
export { createClientPool } from './client-pool.ts';
export {
  anonymousPoolFromKubeconfig,
  clientFromKubeconfig,
  clientPoolFromKubeconfig,
} from './client-from-kubeconfig.ts';
export { isConnectionError } from './rest/connection-error.ts';
export { createInformerFactory } from './cache/informer-factory.ts';
export { Leadership, NotLeadingError } from './leader-election/leadership.ts';
export { runLeaderElection } from './leader-election/leader-elector.ts';
export { createEventRecorder } from './events/event-recorder.ts';
export { TokenBucket } from './flow/token-bucket.ts';
