import { describe, expect, test } from 'vitest';
import { podStatusPatch } from './kube-api-writer.ts';
import { pod } from './testing/objects.ts';

const now = new Date('2030-01-01T00:00:00.123Z');
const rejected = { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: 'no' };
const before = { ...rejected, lastProbeTime: null, lastTransitionTime: '2029-12-31T00:00:00Z' };

describe('the patch of a pod’s status', () => {
  test('adds a condition', () => {
    expect(podStatusPatch(pod('p'), { condition: rejected }, now)).toEqual({
      status: { conditions: [{ ...rejected, lastProbeTime: null, lastTransitionTime: '2030-01-01T00:00:00Z' }] },
    });
  });

  test('is none if the condition is there', () => {
    expect(
      podStatusPatch(pod('p', { status: { conditions: [before] } }), { condition: rejected }, now),
    ).toBeUndefined();
  });

  test('of another message keeps the time of transition', () => {
    const patch = podStatusPatch(
      pod('p', { status: { conditions: [before] } }),
      { condition: { ...rejected, message: 'still no' } },
      now,
    );
    expect(patch).toMatchObject({
      status: { conditions: [{ message: 'still no', lastTransitionTime: '2029-12-31T00:00:00Z' }] },
    });
  });

  test('sets a nomination, and clears one', () => {
    expect(podStatusPatch(pod('p'), { nominatedNodeName: 'a' }, now)).toEqual({ status: { nominatedNodeName: 'a' } });
    const nominated = pod('p', { status: { nominatedNodeName: 'a' } });
    expect(podStatusPatch(nominated, { nominatedNodeName: '' }, now)).toEqual({ status: { nominatedNodeName: null } });
    expect(podStatusPatch(nominated, { nominatedNodeName: 'a' }, now)).toBeUndefined();
    expect(podStatusPatch(pod('p'), { nominatedNodeName: '' }, now)).toBeUndefined();
  });
});
