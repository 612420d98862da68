import type { KubeObject, OwnerReference } from '@pilothouse/apimachinery';

/**
 * How an owner reference stands, as found out from the graph or the apiserver. `unresolvable`: a cluster-scoped object
 * names a namespaced owner, which nobody can look up; such an object is never collected.
 * https://kubernetes.io/docs/concepts/overview/working-with-objects/owners-dependents/#owner-references-in-object-specifications
 */
export type OwnerState = 'solid' | 'waiting-for-dependents' | 'dangling' | 'unresolvable';

export type GarbagePlan =
  | { readonly action: 'keep' }
  /** The references named are dropped; another owner keeps the object. */
  | { readonly action: 'drop-references'; readonly uids: readonly string[] }
  /** No owner is left. `unblock`: its owners must not wait for it, because it may wait for them. */
  | {
      readonly action: 'delete';
      readonly propagation: 'Background' | 'Foreground' | 'Orphan';
      readonly unblock?: true;
    };

/**
 * What becomes of an object, given its owners. An object lives while one owner does; references to owners that are gone
 * or that wait for their dependents are then dropped. Mirrors attemptToDeleteItem of pkg/controller/garbagecollector.
 */
export function planGarbage(
  object: KubeObject,
  stateOf: (owner: OwnerReference) => OwnerState,
  dependents: readonly { readonly isDeletingDependents: boolean }[],
): GarbagePlan {
  const owners = object.metadata?.ownerReferences ?? [];
  if (owners.length === 0) return { action: 'keep' };
  const states = owners.map((owner) => ({ owner, state: stateOf(owner) }));
  if (states.some(({ state }) => state === 'unresolvable')) return { action: 'keep' };
  const solid = states.filter(({ state }) => state === 'solid');
  const waiting = states.filter(({ state }) => state === 'waiting-for-dependents');
  const dangling = states.filter(({ state }) => state === 'dangling');
  if (solid.length > 0) {
    const uids = [...dangling, ...waiting].map(({ owner }) => owner.uid);
    return uids.length > 0 ? { action: 'drop-references', uids } : { action: 'keep' };
  }
  // The owner waits for this one, which therefore must itself wait for its own dependents.
  if (waiting.length > 0 && dependents.length > 0) {
    const isInCircle = dependents.some(({ isDeletingDependents }) => isDeletingDependents);
    return { action: 'delete', propagation: 'Foreground', ...(isInCircle ? { unblock: true } : {}) };
  }
  const finalizers = object.metadata?.finalizers ?? [];
  if (finalizers.includes('orphan')) return { action: 'delete', propagation: 'Orphan' };
  if (finalizers.includes('foregroundDeletion')) return { action: 'delete', propagation: 'Foreground' };
  return { action: 'delete', propagation: 'Background' };
}

/** The merge patch that takes references or a finalizer away from exactly this version of the object. */
export function withoutReferences(object: KubeObject, uids: readonly string[]): object {
  const { resourceVersion, uid, ownerReferences = [] } = object.metadata ?? {};
  const kept = ownerReferences.filter((owner) => !uids.includes(owner.uid));
  return { metadata: { resourceVersion, uid, ownerReferences: kept.length > 0 ? kept : null } };
}

/** The merge patch after which no owner of the object waits for it. */
export function withoutBlocking(object: KubeObject): object {
  const { resourceVersion, uid, ownerReferences = [] } = object.metadata ?? {};
  const references = ownerReferences.map((owner) => ({ ...owner, blockOwnerDeletion: false }));
  return { metadata: { resourceVersion, uid, ownerReferences: references } };
}

export function withoutFinalizer(object: KubeObject, finalizer: string): object {
  const { resourceVersion, uid, finalizers = [] } = object.metadata ?? {};
  return { metadata: { resourceVersion, uid, finalizers: finalizers.filter((each) => each !== finalizer) } };
}
