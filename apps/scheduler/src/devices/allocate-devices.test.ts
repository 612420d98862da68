import { describe, expect, test } from 'vitest';
import type { DeviceClaim, DeviceClass, ResourceSlice } from '@pilothouse/api';
import { claim, device, deviceClass, DRIVER, request, slice } from '../testing/devices.ts';
import { node } from '../testing/objects.ts';
import { allocateDevices } from './allocate-devices.ts';
import { allocationResult } from './allocation-result.ts';
import { DevicePools } from './device-pools.ts';
import { planRequest } from './device-requests.ts';
import { DeviceUsage } from './device-usage.ts';

interface Case {
  readonly slices: readonly ResourceSlice[];
  readonly claims: readonly Partial<DeviceClaim>[];
  readonly taken?: readonly string[];
  readonly classes?: readonly DeviceClass[];
}

/** The names of the devices that each claim gets on node `a`; undefined when that can not be. */
function allocate({ slices, claims, taken = [], classes = [deviceClass()] }: Case): string[][] | undefined {
  const usage = new DeviceUsage();
  for (const id of taken) usage.take(id);
  const toAllocate = claims.map((devices, index) => {
    const made = claim(`c${index}`, devices);
    const requests = made.spec.devices.requests!.map((each) =>
      planRequest(each, (name) => classes.find(({ metadata }) => metadata.name === name)),
    );
    return { claim: made, requests };
  });
  const pools = new DevicePools(slices).reachableFrom(node('a', { labels: { zone: 'z1' } }));
  return allocateDevices(toAllocate, pools, usage)?.map((devices) =>
    devices.map(({ request: name, device: { device: chosen } }) => `${name}=${chosen.name}`),
  );
}

const cel = (expression: string) => ({ selectors: [{ cel: { expression } }] });
const two = slice('a', [
  device('small', { attributes: { model: { string: 'T4' } }, capacity: { memory: { value: '16Gi' } } }),
  device('large', { attributes: { model: { string: 'H100' } }, capacity: { memory: { value: '80Gi' } } }),
]);

describe('devices are chosen', () => {
  test.each<[string, Case, string[][] | undefined]>([
    ['in the order in which they are published', { slices: [two], claims: [{}] }, [['gpu=small']]],
    ['among those that are free', { slices: [two], claims: [{}], taken: [`${DRIVER}/a/small`] }, [['gpu=large']]],
    ['only from where the node reaches', { slices: [slice('b', [device('x')])], claims: [{}] }, undefined],
    [
      'by an attribute',
      { slices: [two], claims: [{ requests: [request(cel(`device.attributes["${DRIVER}"].model == "H100"`))] }] },
      [['gpu=large']],
    ],
    [
      'by a capacity',
      {
        slices: [two],
        claims: [{ requests: [request(cel(`device.capacity["${DRIVER}"].memory.compareTo(quantity("20Gi")) > 0`))] }],
      },
      [['gpu=large']],
    ],
    [
      'by what their class says',
      { slices: [two], claims: [{}], classes: [deviceClass('gpu', cel('device.driver == "other"'))] },
      undefined,
    ],
    [
      'several at once',
      { slices: [two], claims: [{ requests: [request({ count: 2 })] }] },
      [['gpu=small', 'gpu=large']],
    ],
    ['never one twice', { slices: [two], claims: [{}, { requests: [request({ count: 2 })] }] }, undefined],
    [
      'by going back on an earlier choice',
      {
        slices: [two],
        claims: [{}, { requests: [request(cel(`device.attributes["${DRIVER}"].model == "T4"`))] }],
      },
      [['gpu=large'], ['gpu=small']],
    ],
    [
      'all that match',
      { slices: [two], claims: [{ requests: [request({ allocationMode: 'All' })] }] },
      [['gpu=small', 'gpu=large']],
    ],
    [
      'all that match, or none',
      { slices: [two], claims: [{ requests: [request({ allocationMode: 'All' })] }], taken: [`${DRIVER}/a/large`] },
      undefined,
    ],
    [
      'for administrators even when they are taken',
      { slices: [two], claims: [{ requests: [request({ adminAccess: true })] }], taken: [`${DRIVER}/a/small`] },
      [['gpu=small']],
    ],
    [
      'from the first alternative that can be had',
      {
        slices: [two],
        claims: [
          {
            requests: [
              {
                name: 'gpu',
                firstAvailable: [
                  { name: 'many', deviceClassName: 'gpu', allocationMode: 'ExactCount', count: 3 },
                  { name: 'one', deviceClassName: 'gpu', allocationMode: 'ExactCount', count: 1 },
                ],
              },
            ],
          },
        ],
      },
      [['gpu/one=small']],
    ],
    [
      'with the same value of an attribute',
      {
        slices: [
          slice('a', [
            device('x', { attributes: { numa: { int: 0 } } }),
            device('y', { attributes: { numa: { int: 1 } } }),
            device('z', { attributes: { numa: { int: 1 } } }),
          ]),
        ],
        claims: [{ requests: [request({ count: 2 })], constraints: [{ matchAttribute: `${DRIVER}/numa` }] }],
      },
      [['gpu=y', 'gpu=z']],
    ],
    [
      'not from a pool that is not published in full',
      {
        slices: [slice('a', [device('x')], { pool: { name: 'a', generation: 1, resourceSliceCount: 2 } })],
        claims: [{}],
      },
      undefined,
    ],
    [
      'from the newest generation of a pool',
      {
        slices: [
          slice('a', [device('old')]),
          slice('a', [device('new')], { pool: { name: 'a', generation: 2, resourceSliceCount: 1 } }),
        ],
        claims: [{}],
      },
      [['gpu=new']],
    ],
    [
      'past a taint that is not tolerated',
      {
        slices: [slice('a', [device('x', { taints: [{ key: 'bad', effect: 'NoSchedule' }] }), device('y')])],
        claims: [{}],
      },
      [['gpu=y']],
    ],
    [
      'with a taint that is tolerated',
      {
        slices: [slice('a', [device('x', { taints: [{ key: 'bad', effect: 'NoSchedule' }] })])],
        claims: [{ requests: [request({ tolerations: [{ key: 'bad', operator: 'Exists' }] })] }],
      },
      [['gpu=x']],
    ],
    [
      'as far as the counters of their pool go',
      {
        slices: [
          slice(
            'a',
            ['p0', 'p1', 'p2'].map((name) =>
              device(name, { consumesCounters: [{ counterSet: 'card', counters: { memory: { value: '20Gi' } } }] }),
            ),
            { sharedCounters: [{ name: 'card', counters: { memory: { value: '40Gi' } } }] },
          ),
        ],
        claims: [{ requests: [request({ count: 3 })] }],
      },
      undefined,
    ],
    [
      'several times where they allow it, as far as their capacity goes',
      {
        slices: [
          slice('a', [device('x', { allowMultipleAllocations: true, capacity: { bandwidth: { value: '10G' } } })]),
        ],
        claims: [
          { requests: [request({ capacity: { requests: { bandwidth: '4G' } } })] },
          { requests: [request({ capacity: { requests: { bandwidth: '6G' } } })] },
        ],
      },
      [['gpu=x'], ['gpu=x']],
    ],
    [
      'no more often than their capacity allows',
      {
        slices: [
          slice('a', [device('x', { allowMultipleAllocations: true, capacity: { bandwidth: { value: '10G' } } })]),
        ],
        claims: [
          { requests: [request({ capacity: { requests: { bandwidth: '4G' } } })] },
          { requests: [request({ capacity: { requests: { bandwidth: '7G' } } })] },
        ],
      },
      undefined,
    ],
  ])('%s', (_, given, expected) => {
    expect(allocate(given)).toEqual(expected);
  });

  test('with an error where an expression can not be evaluated', () => {
    const broken = { requests: [request(cel(`device.attributes["${DRIVER}"].nosuch == "x"`))] };
    expect(() => allocate({ slices: [two], claims: [broken] })).toThrow('no such key: nosuch');
  });
});

test('the result tells of the configuration of the class, then of the claim', () => {
  const opaque = (level: string) => ({ opaque: { driver: DRIVER, parameters: { level } } });
  const withConfig = deviceClass('gpu', { config: [opaque('class')] });
  const made = claim('c', {
    config: [
      { ...opaque('claim'), requests: ['gpu'] },
      { ...opaque('no'), requests: ['other'] },
    ],
  });
  const requests = made.spec.devices.requests!.map((each) => planRequest(each, () => withConfig));
  const pools = new DevicePools([two]).reachableFrom(node('a'));
  const [devices] = allocateDevices([{ claim: made, requests }], pools, new DeviceUsage())!;
  const result = allocationResult(made, devices!, new Date('2030-01-01T00:00:00Z'), () => 'id');
  expect(result.devices?.config).toEqual([
    { source: 'FromClass', requests: ['gpu'], ...opaque('class') },
    { source: 'FromClaim', requests: ['gpu'], ...opaque('claim') },
  ]);
});
