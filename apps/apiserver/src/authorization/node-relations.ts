import type { PersistentVolumeClaim, Pod, ResourceSlice, VolumeAttachment } from '@pilothouse/api';
import type { KubeObject } from '@pilothouse/apimachinery';
import type { Resources } from '../registry/resources.ts';
import type { AuthorizationAttributes } from './authorizer.ts';
import { podUses } from './pod-references.ts';

/** Whether an object concerns a node. */
export type Relation = (resources: Resources, node: string, attributes: AuthorizationAttributes) => Promise<boolean>;

export function usedByPods(resource: 'secrets' | 'configmaps' | 'persistentvolumeclaims'): Relation {
  return async (resources, node, { namespace, name }) =>
    (await podsOn(resources, node, namespace)).some((pod) => podUses(pod, resource, name));
}

export const boundToUsedClaim: Relation = async (resources, node, { name }) => {
  const { items } = await resources.get('', 'persistentvolumeclaims').registry.store.list({
    namespace: '',
    resourceVersion: '0',
    filter: ({ object }) => (object as PersistentVolumeClaim).spec?.volumeName === name,
  });
  const claim = items[0]?.key;
  if (claim === undefined) return false;
  return (await podsOn(resources, node, claim.namespace)).some((pod) =>
    podUses(pod, 'persistentvolumeclaims', claim.name),
  );
};

export const attachedTo: Relation = async (resources, node, attributes) =>
  (await objectOf<VolumeAttachment>(resources, attributes))?.spec?.nodeName === node;

export const runsOn: Relation = async (resources, node, attributes) =>
  (await objectOf<Pod>(resources, attributes))?.spec?.nodeName === node;

export const describesDevicesOf: Relation = async (resources, node, attributes) =>
  (await objectOf<ResourceSlice>(resources, attributes))?.spec?.nodeName === node;

async function objectOf<T extends KubeObject>(
  resources: Resources,
  { apiGroup, resource, namespace, name }: AuthorizationAttributes,
): Promise<T | undefined> {
  return (await resources.get(apiGroup, resource).registry.peek({ namespace, name }))?.object as T | undefined;
}

async function podsOn(resources: Resources, node: string, namespace: string): Promise<readonly Pod[]> {
  const { items } = await resources.get('', 'pods').registry.store.list({
    namespace,
    resourceVersion: '0',
    filter: ({ object }) => (object as Pod).spec?.nodeName === node,
  });
  return items.map(({ object }) => object as Pod);
}
