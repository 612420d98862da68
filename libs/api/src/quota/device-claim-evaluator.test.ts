import { expect, it } from 'vitest';
import type { ResourceClaim } from '@pilothouse/api';
import { printAmounts } from './amounts.ts';
import { deviceClaimEvaluator } from './device-claim-evaluator.ts';

const NAME = 'gpu.deviceclass.resource.k8s.io/devices';

it.each<[string, object[], string | undefined]>([
  ['a number', [{ exactly: { deviceClassName: 'gpu', allocationMode: 'ExactCount', count: 3 } }], '3'],
  ['all there are', [{ exactly: { deviceClassName: 'gpu', allocationMode: 'All' } }], '32'],
  ['something unknown', [{ exactly: { deviceClassName: 'gpu', allocationMode: 'Some' } }], '0'],
  [
    'alternatives',
    [
      {
        firstAvailable: [
          { deviceClassName: 'gpu', allocationMode: 'ExactCount', count: 1 },
          { deviceClassName: 'gpu', allocationMode: 'ExactCount', count: 4 },
        ],
      },
      { exactly: { deviceClassName: 'gpu', allocationMode: 'ExactCount', count: 1 } },
    ],
    '5',
  ],
  ['none of the class', [], undefined],
])('a claim for %s is charged for devices of its class', (_, requests, devices) => {
  const claim = { spec: { devices: { requests } } } as unknown as ResourceClaim;
  const usage = printAmounts(deviceClaimEvaluator.usage(claim, new Date(0)));
  expect(usage['count/resourceclaims.resource.k8s.io']).toBe('1');
  expect(usage[NAME]).toBe(devices);
});
