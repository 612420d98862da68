import { deepEqual, type FieldError, fieldPath, validateImmutableField } from '@pilothouse/apimachinery';
import type { AllocatedDeviceStatus, ResourceClaim, resourceV1beta1, ValidationContext } from '@pilothouse/api';
import { keepStored } from '../core/keep-stored.ts';
import type { KindBehaviour } from '../kind.ts';
import { ageColumn, column, nameColumn } from '../printing/index.ts';
import { claimFromV1beta1, claimToV1beta1, defaultV1beta1Claim } from './convert-v1beta1.ts';
import { defaultDeviceClaim, validateDeviceClaim } from './device-claim.ts';
import { validateClaimStatus } from './validate-claim-status.ts';

const SPEC = fieldPath('spec');

/** Devices that a pod, or several, need. */
export const resourceClaim: KindBehaviour<ResourceClaim> = {
  group: 'resource.k8s.io',
  kind: 'ResourceClaim',
  defaults: ({ spec }) => defaultDeviceClaim(spec?.devices),
  columns: [nameColumn, column<ResourceClaim>('State', stateCell), ageColumn],
  strategy: {
    validate: ({ spec }: ResourceClaim, { expressions }: ValidationContext) => {
      const errors: FieldError[] = [];
      validateDeviceClaim(spec.devices, SPEC.child('devices'), errors, expressions);
      return errors;
    },
    validateUpdate: (next: ResourceClaim, old: ResourceClaim) => validateImmutableField(next.spec, old.spec, SPEC),
    allowUnconditionalUpdate: true,
    deleteReturnsObject: true,
  },
  subresources: {
    status: {
      strategy: {
        prepareForUpdate: (next: ResourceClaim, old: ResourceClaim) => {
          keepStored(next, old, 'spec');
          keepStored(next.metadata, old.metadata, 'labels', 'annotations', 'finalizers', 'ownerReferences');
          dropDeallocated(next, old);
        },
        validateUpdate: validateClaimStatus,
      },
    },
  },
  versions: {
    v1beta1: {
      defaults: ({ spec }) => defaultV1beta1Claim(spec?.devices as unknown as resourceV1beta1.DeviceClaim | undefined),
      toStorage: (each: resourceV1beta1.ResourceClaim) => ({
        ...each,
        apiVersion: 'resource.k8s.io/v1',
        spec: { ...each.spec, devices: claimFromV1beta1(each.spec?.devices) },
      }),
      fromStorage: (each: ResourceClaim) => ({
        ...each,
        apiVersion: 'resource.k8s.io/v1beta1',
        spec: { ...each.spec, devices: claimToV1beta1(each.spec?.devices) },
      }),
    },
  },
};

function stateCell({ metadata, status }: ResourceClaim): string {
  const states: string[] = [];
  if (metadata.deletionTimestamp) states.push('deleted');
  if (status?.allocation) states.push('allocated', ...(status.reservedFor?.length ? ['reserved'] : []));
  else if (!metadata.deletionTimestamp) states.push('pending');
  return states.join(',');
}

/** What drivers reported of devices that the claim no longer has says nothing any more. */
function dropDeallocated(next: ResourceClaim, old: ResourceClaim): void {
  const { status } = next;
  if (!status?.devices || deepEqual(status.allocation, old.status?.allocation)) return;
  const idOf = ({
    driver,
    pool,
    device,
    shareID = '',
  }: Pick<AllocatedDeviceStatus, 'driver' | 'pool' | 'device' | 'shareID'>): string =>
    [driver, pool, device, shareID].join('/');
  const ids = ({ status: of }: ResourceClaim): Set<string> =>
    new Set((of?.allocation?.devices?.results ?? []).map(idOf));
  const [before, after] = [ids(old), ids(next)];
  const { devices, ...rest } = status;
  const kept = devices.filter((each) => !before.has(idOf(each)) || after.has(idOf(each)));
  next.status = kept.length > 0 ? { ...rest, devices: kept } : rest;
}
