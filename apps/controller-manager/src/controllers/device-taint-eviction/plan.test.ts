import { describe, expect, it } from 'vitest';
import type { Device, DeviceTaintRule, Pod, ResourceClaim } from '@pilothouse/api';
import { claimEviction, podEviction, ruleMatches } from './plan.ts';

const ADDED = '2026-01-01T00:00:00Z';
const at = (seconds: number): number => Date.parse(ADDED) + seconds * 1000;
const taint = (more: object = {}) => ({ key: 'broken', value: 'yes', effect: 'NoExecute', timeAdded: ADDED, ...more });
const claim = (tolerations: object[] = []): ResourceClaim =>
  ({
    metadata: { name: 'c', namespace: 'ns' },
    status: {
      reservedFor: [{ resource: 'pods', name: 'p', uid: 'p-uid' }],
      allocation: { devices: { results: [{ request: 'r', driver: 'd', pool: 'p', device: 'gpu-0', tolerations }] } },
    },
  }) as unknown as ResourceClaim;
const device = (...taints: object[]): Device => ({ name: 'gpu-0', taints }) as unknown as Device;
const rule = (deviceSelector: object | undefined, more: object = {}): DeviceTaintRule =>
  ({
    metadata: { name: 'r', uid: 'r-uid' },
    spec: { deviceSelector, taint: taint(more) },
  }) as unknown as DeviceTaintRule;

describe('the users of a claim', () => {
  it.each<[string, object[], object[], number | undefined]>([
    ['stay while there is no taint', [], [], undefined],
    ['stay with taints of another effect', [taint({ effect: 'NoSchedule' })], [], undefined],
    ['go at once', [taint()], [], at(0)],
    ['stay if they tolerate it', [taint()], [{ key: 'broken', operator: 'Exists', effect: 'NoExecute' }], undefined],
    ['go if the toleration names no effect', [taint()], [{ key: 'broken', operator: 'Exists' }], at(0)],
    [
      'go after the shortest of their times',
      [taint()],
      [
        { operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 90 },
        { key: 'broken', operator: 'Equal', value: 'yes', effect: 'NoExecute', tolerationSeconds: 30 },
      ],
      at(30),
    ],
    [
      'go by the taint that is due first',
      [taint({ timeAdded: '2026-01-01T00:01:00Z' }), taint({ key: 'hot' })],
      [{ key: 'hot', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 10 }],
      at(10),
    ],
  ])('%s', (_, taints, tolerations, atMs) => {
    expect(claimEviction(claim(tolerations), () => device(...taints), [])?.atMs).toBe(atMs);
  });

  it('go by rules, too, even when nobody publishes the device any more', () => {
    const eviction = claimEviction(claim(), () => undefined, [rule({ driver: 'd', pool: 'p' })]);
    expect(eviction).toEqual({ atMs: at(0), rules: new Set(['r-uid']) });
    expect(claimEviction(claim(), () => undefined, [rule({ pool: 'q' })])).toBeUndefined();
    expect(claimEviction(claim(), () => undefined, [rule({}, { effect: 'None' })])).toBeUndefined();
  });

  it('are pods with a node for which it is reserved', () => {
    const pod = (spec: object, uid = 'p-uid'): Pod =>
      ({ metadata: { name: 'p', namespace: 'ns', uid }, spec }) as unknown as Pod;
    const uses = { resourceClaims: [{ name: 'x', resourceClaimName: 'c' }] };
    const find = (each: Pod) =>
      podEviction(
        each,
        () => claim(),
        () => ({ atMs: 5, rules: new Set<string>() }),
      );
    expect(find(pod({ ...uses, nodeName: 'n' }))?.atMs).toBe(5);
    expect(find(pod(uses))).toBeUndefined();
    expect(find(pod({ ...uses, nodeName: 'n' }, 'another'))).toBeUndefined();
  });
});

it.each<[object | undefined, boolean]>([
  [undefined, false],
  [{}, true],
  [{ driver: 'd', pool: 'p', device: 'gpu-0' }, true],
  [{ device: 'gpu-1' }, false],
])('a rule that selects %j selects the device: %s', (selector, expected) => {
  expect(ruleMatches(rule(selector), { driver: 'd', pool: 'p', device: 'gpu-0' })).toBe(expected);
});
