import { Quantity } from '@pilothouse/apimachinery';
import type { ResourceClaim } from '@pilothouse/api';
import type { QuotaEvaluator } from './evaluator.ts';

const COUNT = 'count/resourceclaims.resource.k8s.io';
const CLASS_SUFFIX = '.deviceclass.resource.k8s.io/devices';
/** As many devices as one claim can get: who asks for all is charged for them. */
const MOST_DEVICES = 32;

interface DeviceDemand {
  readonly deviceClassName?: string;
  readonly allocationMode?: string;
  readonly count?: number;
}

/** Resource claims, and the devices they ask for per class. Upstream: pkg/quota/v1/evaluator/core/resource_claims.go. */
export const deviceClaimEvaluator: QuotaEvaluator = {
  group: 'resource.k8s.io',
  resource: 'resourceclaims',
  charges: ({ operation, subresource }) => subresource === '' && (operation === 'CREATE' || operation === 'UPDATE'),
  matching: (names) => names.filter((name) => name === COUNT || name.endsWith(CLASS_SUFFIX)),
  usage({ spec }: ResourceClaim) {
    const devices = new Map<string, number>();
    for (const { exactly, firstAvailable } of spec.devices?.requests ?? []) {
      // Of alternatives that are of one class the dearest counts.
      const dearest = new Map<string, number>();
      for (const demand of exactly ? [exactly] : (firstAvailable ?? [])) {
        const className = demand.deviceClassName ?? '';
        dearest.set(className, Math.max(dearest.get(className) ?? 0, numberOf(demand)));
      }
      for (const [className, count] of dearest) devices.set(className, (devices.get(className) ?? 0) + count);
    }
    return {
      [COUNT]: Quantity.of(1),
      ...Object.fromEntries([...devices].map(([name, count]) => [`${name}${CLASS_SUFFIX}`, Quantity.of(count)])),
    };
  },
};

/** A mode of a later release counts for nothing. */
function numberOf({ allocationMode, count }: DeviceDemand): number {
  if (allocationMode === 'All') return MOST_DEVICES;
  return (allocationMode ?? 'ExactCount') === 'ExactCount' ? (count ?? 1) : 0;
}
