import { describe, expect, it } from 'vitest';
import type { Node, Pod, Taint, Toleration } from '@pilothouse/api';
import { planEviction } from './plan.ts';

const NOW = new Date('2026-01-01T00:10:00Z');
const SINCE = Date.parse('2026-01-01T00:09:00Z');
const seconds = (count: number): number => SINCE + count * 1_000;

const taint = (key: string, more: Partial<Taint> = {}): Taint => ({ key, effect: 'NoExecute', ...more });
const tolerates = (key: string, tolerationSeconds?: number): Toleration => ({
  key,
  operator: 'Exists',
  ...(tolerationSeconds === undefined ? {} : { tolerationSeconds }),
});

const plan = (taints: Taint[], tolerations: Toleration[]) =>
  planEviction({ spec: { tolerations } } as unknown as Pod, { spec: { taints } } as unknown as Node, SINCE, NOW);

describe('when the taints of its node drive a pod away', () => {
  it.each<[string, Taint[], Toleration[], 'never' | number]>([
    ['never, without taints', [], [], 'never'],
    ['never, by taints that only keep new pods off', [taint('a', { effect: 'NoSchedule' })], [], 'never'],
    ['at once, by one that it does not tolerate', [taint('a'), taint('b')], [tolerates('a')], NOW.getTime()],
    ['never, by one that it tolerates for ever', [taint('a')], [tolerates('a')], 'never'],
    ['when its time is up, since the taint was seen', [taint('a')], [tolerates('a', 90)], seconds(90)],
    [
      'since the taint was added, when it says so',
      [taint('a', { timeAdded: '2026-01-01T00:08:00Z' })],
      [tolerates('a', 90)],
      seconds(30),
    ],
    [
      'after the shortest of its times',
      [taint('a'), taint('b')],
      [tolerates('a', 90), tolerates('b', 60)],
      seconds(60),
    ],
    ['as the first of the tolerations that fit says', [taint('a')], [tolerates('a', 90), tolerates('a')], seconds(90)],
    ['at once, with a negative time', [taint('a')], [tolerates('a', -5)], SINCE],
  ])('is %s', (_, taints, tolerations, expected) => {
    expect(plan(taints, tolerations)).toBe(expected);
  });

  it('is no sooner for a pod that came to a node which had the taint already', () => {
    const conditions = [{ type: 'PodScheduled', status: 'True', lastTransitionTime: '2026-01-01T00:09:30Z' }];
    const pod = { spec: { tolerations: [tolerates('a', 60)] }, status: { conditions } } as unknown as Pod;
    const node = { spec: { taints: [taint('a', { timeAdded: '2026-01-01T00:00:00Z' })] } } as unknown as Node;
    expect(planEviction(pod, node, SINCE, NOW)).toBe(Date.parse('2026-01-01T00:10:30Z'));
  });
});
