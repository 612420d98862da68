import { controllerRefOf, type KubeObject } from '@pilothouse/apimachinery';
import type { SharedInformer } from '@pilothouse/client';

const INDEX = 'controller';

/** Indexes objects by the uid of their controller, and orphans by namespace. Naming the index twice is harmless. */
export function indexByController<T extends KubeObject>(informer: SharedInformer<T>): void {
  informer.addIndex(INDEX, (object) => {
    const owner = controllerRefOf(object);
    return [owner ? owner.uid : `orphan/${object.metadata?.namespace ?? ''}`];
  });
}

/** What a controller may own: its own objects and the orphans of its namespace, of which it claims what matches. */
export function claimCandidates<T extends KubeObject>(informer: SharedInformer<T>, controller: KubeObject): T[] {
  return [...ownedBy(informer, controller), ...orphansBeside(informer, controller)];
}

export function ownedBy<T extends KubeObject>(informer: SharedInformer<T>, controller: KubeObject): readonly T[] {
  return informer.lister.byIndex(INDEX, controller.metadata?.uid ?? '');
}

export function countOwnedBy<T extends KubeObject>(informer: SharedInformer<T>, controller: KubeObject): number {
  return informer.lister.countByIndex(INDEX, controller.metadata?.uid ?? '');
}

/** Objects of the controller's namespace that nobody controls. */
export function orphansBeside<T extends KubeObject>(informer: SharedInformer<T>, controller: KubeObject): readonly T[] {
  return informer.lister.byIndex(INDEX, `orphan/${controller.metadata?.namespace ?? ''}`);
}
