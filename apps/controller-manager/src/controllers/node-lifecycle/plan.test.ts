import { describe, expect, it } from 'vitest';
import type { Node } from '@pilothouse/api';
import {
  isExcludedFromEviction,
  observe,
  planLabels,
  planSilence,
  planTaints,
  planTaintsInDisruption,
} from './plan.ts';

const NOW = new Date('2026-01-01T01:00:00Z');
const TIMING = { gracePeriodMs: 50_000, startupGracePeriodMs: 60_000 };

const node = (conditions: Record<string, string>, spec: object = {}, labels: object = {}): Node =>
  ({
    metadata: { name: 'node-1', labels, creationTimestamp: '2026-01-01T00:00:00Z' },
    spec,
    status: {
      conditions: Object.entries(conditions).map(([type, status]) => ({
        type,
        status,
        lastHeartbeatTime: '2026-01-01T00:59:00Z',
        lastTransitionTime: '2026-01-01T00:00:00Z',
      })),
    },
  }) as unknown as Node;

const keys = (taints: ReturnType<typeof planTaints>): string[] | undefined =>
  taints?.map(({ key, effect }) => `${key.slice('node.kubernetes.io/'.length)}:${effect}`);

describe('a silent node', () => {
  const silentFor = (of: Node, ms: number) =>
    planSilence(of, { probedAtMs: 0, readyHeartbeat: '', leaseRenewTime: '' }, TIMING, ms, NOW);

  it('becomes Unknown after the grace period, and no sooner', () => {
    const of = node({ Ready: 'True', MemoryPressure: 'False' });
    expect(silentFor(of, 50_000)).toBeUndefined();
    const conditions = silentFor(of, 50_001)!;
    expect(conditions.map(({ type, status, reason }) => [type, status, reason])).toEqual([
      ['Ready', 'Unknown', 'NodeStatusUnknown'],
      ['MemoryPressure', 'Unknown', 'NodeStatusUnknown'],
      ['DiskPressure', 'Unknown', 'NodeStatusNeverUpdated'],
      ['PIDPressure', 'Unknown', 'NodeStatusNeverUpdated'],
    ]);
    expect(conditions[0]).toMatchObject({
      message: 'Kubelet stopped posting node status.',
      lastHeartbeatTime: '2026-01-01T00:59:00Z',
      lastTransitionTime: '2026-01-01T01:00:00Z',
    });
  });

  it('has longer when it never said anything', () => {
    expect(silentFor(node({}), 60_000)).toBeUndefined();
    expect(silentFor(node({}), 60_001)).toHaveLength(4);
  });

  it('is not written again', () => {
    const known = node({
      Ready: 'Unknown',
      MemoryPressure: 'Unknown',
      DiskPressure: 'Unknown',
      PIDPressure: 'Unknown',
    });
    expect(silentFor(known, 100_000)).toBeUndefined();
  });

  it('is heard of through its lease as well as its status', () => {
    const of = node({ Ready: 'True' });
    const first = observe(of, 'a', undefined, 1_000);
    expect(observe(of, 'a', first, 9_000).probedAtMs).toBe(1_000);
    expect(observe(of, 'b', first, 9_000).probedAtMs).toBe(9_000);
  });
});

describe('the taints of a node', () => {
  it.each<[string, Node, boolean, string[] | undefined]>([
    ['are none when all is well', node({ Ready: 'True' }), true, undefined],
    ['say that it is not ready', node({ Ready: 'False' }), true, ['not-ready:NoSchedule', 'not-ready:NoExecute']],
    [
      'say that it is unreachable',
      node({ Ready: 'Unknown' }),
      true,
      ['unreachable:NoSchedule', 'unreachable:NoExecute'],
    ],
    ['drive no pod away before its turn', node({ Ready: 'Unknown' }), false, ['unreachable:NoSchedule']],
    [
      'say what it is short of, and that it is cordoned',
      node({ Ready: 'True', MemoryPressure: 'True', PIDPressure: 'True' }, { unschedulable: true }),
      true,
      ['memory-pressure:NoSchedule', 'pid-pressure:NoSchedule', 'unschedulable:NoSchedule'],
    ],
    [
      'change at once when the node is given up already',
      node(
        { Ready: 'False' },
        {
          taints: [
            { key: 'node.kubernetes.io/unreachable', effect: 'NoSchedule' },
            { key: 'node.kubernetes.io/unreachable', effect: 'NoExecute' },
          ],
        },
      ),
      false,
      ['not-ready:NoSchedule', 'not-ready:NoExecute'],
    ],
  ])('%s', (_, of, mayEvict, expected) => {
    expect(keys(planTaints(of, mayEvict, NOW))).toEqual(expected);
  });

  it('of others stay', () => {
    const mine = { key: 'mine', effect: 'NoExecute' };
    expect(planTaints(node({ Ready: 'True' }, { taints: [mine] }), true, NOW)).toBeUndefined();
    expect(planTaints(node({ Ready: 'False' }, { taints: [mine] }), false, NOW)![0]).toEqual(mine);
  });

  it('drive nobody away any more when no node is ready at all', () => {
    const taint = (key: string, effect: string) => ({ key: `node.kubernetes.io/${key}`, effect });
    const given = { taints: [taint('unreachable', 'NoSchedule'), taint('unreachable', 'NoExecute')] };
    expect(keys(planTaintsInDisruption(node({ Ready: 'Unknown' }, given), NOW))).toEqual(['unreachable:NoSchedule']);
    expect(keys(planTaintsInDisruption(node({ Ready: 'False' }, given), NOW))).toEqual(['not-ready:NoSchedule']);
    const settled = { taints: [taint('unreachable', 'NoSchedule')] };
    expect(planTaintsInDisruption(node({ Ready: 'Unknown' }, settled), NOW)).toBeUndefined();
  });

  it('need a turn only to drive pods away', () => {
    expect(isExcludedFromEviction(node({ Ready: 'True' }))).toBe(true);
    expect(isExcludedFromEviction(node({ Ready: 'Unknown' }))).toBe(false);
    const given = { taints: [{ key: 'node.kubernetes.io/unreachable', effect: 'NoExecute' }] };
    expect(isExcludedFromEviction(node({ Ready: 'False' }, given))).toBe(true);
  });
});

describe('the labels of a node', () => {
  it('have their older names beside them', () => {
    const labels = { 'kubernetes.io/os': 'linux', 'kubernetes.io/arch': 'arm64', 'beta.kubernetes.io/arch': 'amd64' };
    expect(planLabels(node({}, {}, labels))).toEqual({
      ...labels,
      'beta.kubernetes.io/os': 'linux',
      'beta.kubernetes.io/arch': 'arm64',
    });
    expect(planLabels(node({}, {}, planLabels(node({}, {}, labels))))).toBeUndefined();
    expect(planLabels(node({}))).toBeUndefined();
  });
});
