export type * from './contract.ts';
export { createWorkQueue } from './queue/work-queue.ts';
export {
  BucketRateLimiter,
  ItemExponentialFailureRateLimiter,
  MaxOfRateLimiter,
  defaultControllerRateLimiter,
} from './queue/rate-limiters.ts';
export { runController, type RunControllerOptions } from './run-controller.ts';
export { ControllerExpectations } from './expectations.ts';
export { UidTrackingExpectations } from './uid-tracking-expectations.ts';
export { ControllerRefManager, type ControllerRefManagerOptions } from './controller-ref-manager.ts';
export { slowStartBatch } from './slow-start-batch.ts';
export {
  filterActivePods,
  isPodActive,
  isPodAvailable,
  isPodReady,
  isPodTerminal,
  podReadyCondition,
} from './pods/pod-state.ts';
export { rankPodsForDeletion, sortPodsForDeletion } from './pods/deletion-order.ts';
export { computeHash, safeEncodeString } from './compute-hash.ts';
export { isControlledBy, ownerKey } from './owners.ts';
export {
  compileNodeSelector,
  compileTerm,
  type NodeMatcher,
  preferredTerms,
  type PreferredTerm,
  requiredNodeMatcher,
} from './nodes/node-selector.ts';
export { findUntoleratedTaint, tolerates, toleratesTaint } from './nodes/tolerations.ts';
