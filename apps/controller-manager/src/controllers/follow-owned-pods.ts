import { controllerRefOf, type KubeObject, objectKey, type Selector } from '@pilothouse/apimachinery';
import type { Pod } from '@pilothouse/api';
import type { SharedInformer } from '@pilothouse/client';
import type { UidTrackingExpectations, WorkQueue } from '@pilothouse/controller';

/** Whose pods are followed, and what is to know of them. */
export interface PodOwners<C extends KubeObject> {
  /** As in owner references: `DaemonSet`. */
  readonly kind: string;
  readonly owners: SharedInformer<C>;
  readonly selectorOf: (owner: C) => Selector;
  /** Creations and deletions under way: until they are seen here the pods must not be counted again. */
  readonly expectations: UidTrackingExpectations;
  readonly queue: WorkQueue<string>;
  /** A pod of `owner` has changed and stays its own. */
  readonly changed?: (owner: C, before: Pod, after: Pod) => void;
}

/**
 * Brings an owner into its queue whenever something happens to one of its pods, and everyone who would adopt it when it
 * happens to a pod that nobody controls. See addPod, updatePod and deletePod of upstream's controllers.
 */
export function followOwnedPods<C extends KubeObject>(pods: SharedInformer<Pod>, follow: PodOwners<C>): void {
  const { kind, owners, selectorOf, expectations, queue } = follow;

  /** The owner that the pod's controller reference names, if it is still the same object. */
  const ownerOf = (pod: Pod): C | undefined => {
    const reference = controllerRefOf(pod);
    if (reference?.kind !== kind) return undefined;
    const owner = owners.lister.get(`${pod.metadata.namespace}/${reference.name}`);
    return owner?.metadata?.uid === reference.uid ? owner : undefined;
  };
  const enqueueMatching = (pod: Pod): void => {
    if (controllerRefOf(pod) || pod.metadata.deletionTimestamp) return;
    for (const owner of owners.lister.list(pod.metadata.namespace))
      if (selectorOf(owner).matches(pod.metadata.labels ?? {})) queue.add(objectKey(owner));
  };
  const deleted = (pod: Pod): void => {
    const owner = ownerOf(pod);
    if (!owner) return;
    expectations.deletionObserved(objectKey(owner), objectKey(pod));
    queue.add(objectKey(owner));
  };

  pods.addHandler({
    onAdd: (pod) => {
      // After a restart of the controller a pod may appear that is going already.
      if (pod.metadata.deletionTimestamp) return deleted(pod);
      const owner = ownerOf(pod);
      if (!owner) return enqueueMatching(pod);
      expectations.creationObserved(objectKey(owner));
      queue.add(objectKey(owner));
    },
    onUpdate: (before, after) => {
      if (after.metadata.deletionTimestamp) deleted(after);
      const [oldOwner, owner] = [ownerOf(before), ownerOf(after)];
      if (oldOwner && oldOwner !== owner) queue.add(objectKey(oldOwner));
      if (!owner) return enqueueMatching(after);
      queue.add(objectKey(owner));
      follow.changed?.(owner, before, after);
    },
    onDelete: deleted,
  });
}
