import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { messageSchema } from '@pilothouse/api';
import type { Pod, PodStatus } from '@pilothouse/api';
import { applyStrategicMergePatch } from '@pilothouse/apimachinery';
import { planStatusPatch } from './status-patch.ts';

const pod: Pod = { metadata: { name: 'p', uid: 'u' }, spec: { containers: [] } };
const schema = messageSchema('k8s.io.api.core.v1.Pod');

const condition = fc.record(
  {
    type: fc.constantFrom('Ready', 'Initialized', 'a/b'),
    status: fc.constantFrom('True', 'False'),
    reason: fc.constantFrom('A', 'B'),
    lastTransitionTime: fc.constantFrom('t1', 't2'),
  },
  { requiredKeys: ['type', 'status'] },
);
const status: fc.Arbitrary<PodStatus> = fc.record(
  {
    phase: fc.constantFrom('Pending', 'Running'),
    message: fc.constantFrom('x', 'y'),
    conditions: fc.uniqueArray(condition, { selector: ({ type }) => type, minLength: 1 }),
    podIPs: fc
      .uniqueArray(fc.constantFrom('1.1.1.1', '2.2.2.2', '::1'), { minLength: 1 })
      .map((ips) => ips.map((ip) => ({ ip }))),
    containerStatuses: fc.array(
      fc.record({
        name: fc.constantFrom('a', 'b'),
        image: fc.constant('i'),
        imageID: fc.constant(''),
        ready: fc.boolean(),
        restartCount: fc.nat(3),
      }),
      { minLength: 1 },
    ),
  },
  { requiredKeys: ['phase'] },
);

describe('planStatusPatch', () => {
  test('takes any status to any other', () => {
    fc.assert(
      fc.property(status, status, (before, after) => {
        const patch = planStatusPatch(pod, before, after);
        const patched = patch
          ? applyStrategicMergePatch(schema, { ...pod, status: before }, patch as Record<string, unknown>)
          : { ...pod, status: before };
        const sorted = ({ conditions = [], ...rest }: PodStatus) => ({
          ...rest,
          conditions: [...conditions].sort((a, b) => (a.type < b.type ? -1 : 1)),
        });
        expect(sorted(patched.status!)).toEqual(sorted(after));
      }),
    );
  });

  test('is nothing when only nulls and empty values differ', () => {
    const before: PodStatus = {
      phase: 'Running',
      conditions: [{ type: 'Ready', status: 'True', lastProbeTime: null }],
      containerStatuses: [{ name: 'a', lastState: {}, ready: true, restartCount: 0, image: '', imageID: '' }],
    };
    const after: PodStatus = {
      phase: 'Running',
      conditions: [{ type: 'Ready', status: 'True' }],
      containerStatuses: [{ name: 'a', ready: true, restartCount: 0, image: '', imageID: '' }],
    };
    expect(planStatusPatch(pod, before, after)).toBeUndefined();
  });

  test('names the uid, and of the conditions only those that changed', () => {
    const ready = (value: string) => ({ type: 'Ready', status: value });
    const other = { type: 'other', status: 'True' };
    expect(
      planStatusPatch(pod, { conditions: [other, ready('False')] }, { conditions: [other, ready('True')] }),
    ).toEqual({
      metadata: { uid: 'u' },
      status: { '$setElementOrder/conditions': [{ type: 'other' }, { type: 'Ready' }], conditions: [ready('True')] },
    });
  });
});
