import type { KubeObject } from '@pilothouse/apimachinery';
import type { ResourceRef } from '@pilothouse/api';
import type { KubeClient, SharedInformer } from '@pilothouse/client';
import { ControllerRefManager } from '@pilothouse/controller';
import { claimCandidates } from './pod-index.ts';

export interface Owner<C extends KubeObject> {
  readonly ref: ResourceRef<C>;
  readonly object: C;
  readonly selector: { matches(labels: Record<string, string>): boolean };
}

/**
 * What the owner owns after matching orphans were adopted and objects that match no more released. The informer must be
 * indexed by `indexByController`; `filter` narrows what matches further.
 */
export function claimOwned<T extends KubeObject, C extends KubeObject>(
  client: KubeClient,
  resource: ResourceRef<T>,
  informer: SharedInformer<T>,
  owner: Owner<C>,
  filter?: (object: T) => boolean,
): Promise<T[]> {
  const { name = '', namespace = '' } = owner.object.metadata ?? {};
  const manager = new ControllerRefManager({
    client,
    resource,
    controller: owner.object,
    selector: owner.selector,
    fetchController: () => client.resource(owner.ref).get(name, { namespace }),
  });
  return manager.claim(claimCandidates(informer, owner.object), filter);
}
