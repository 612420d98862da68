import { selectorFromLabelSelector } from '@pilothouse/apimachinery';
import type { CSIStorageCapacity, Node, PersistentVolumeClaim, StorageClass } from '@pilothouse/api';
import { amountOf } from '../cache/resource-amounts.ts';
import type { ClusterListers } from '../framework/listers.ts';
import { storageClassNameOf } from './pod-claims.ts';

/** For classes whose volumes an administrator makes by hand. */
const NO_PROVISIONER = 'kubernetes.io/no-provisioner';

export type ProvisioningAnswer = 'yes' | 'no' | 'notEnoughStorage';

type ProvisioningListers = Pick<ClusterListers, 'storageClasses' | 'csiDrivers' | 'csiStorageCapacities'>;

/** Whether a volume for the claim could be made where the node can reach it. */
export function canProvision(
  claim: PersistentVolumeClaim,
  node: Node,
  listers: ProvisioningListers,
): ProvisioningAnswer {
  const storageClass = listers.storageClasses.get(storageClassNameOf(claim));
  if (!storageClass?.provisioner || storageClass.provisioner === NO_PROVISIONER) return 'no';
  if (!isTopologyAllowed(storageClass, node)) return 'no';
  return hasCapacity(storageClass, claim, node, listers) ? 'yes' : 'notEnoughStorage';
}

/** Terms are alternatives; without any every topology is allowed. */
function isTopologyAllowed({ allowedTopologies }: StorageClass, node: Node): boolean {
  if (!allowedTopologies?.length) return true;
  return allowedTopologies.some((term) =>
    (term.matchLabelExpressions ?? []).every(({ key, values }) => {
      const value = node.metadata.labels?.[key];
      return value !== undefined && !!values?.includes(value);
    }),
  );
}

/** Only for drivers that publish their capacity, https://kubernetes.io/docs/concepts/storage/storage-capacity/. */
function hasCapacity(
  storageClass: StorageClass,
  claim: PersistentVolumeClaim,
  node: Node,
  { csiDrivers, csiStorageCapacities }: ProvisioningListers,
): boolean {
  if (!csiDrivers.get(storageClass.provisioner)?.spec?.storageCapacity) return true;
  const wanted = claim.spec?.resources?.requests?.['storage'];
  if (wanted === undefined) return true;
  return csiStorageCapacities
    .list()
    .some(
      (capacity) =>
        capacity.storageClassName === storageClass.metadata.name &&
        limitOf(capacity) >= amountOf('storage', wanted) &&
        selectorFromLabelSelector(capacity.nodeTopology).matches(node.metadata.labels),
    );
}

export function limitOf({ maximumVolumeSize, capacity }: CSIStorageCapacity): number {
  const limit = maximumVolumeSize ?? capacity;
  return limit === undefined ? -1 : amountOf('storage', limit);
}
