import type { Pod } from '@pilothouse/api';
import { expect, it } from 'vitest';
import { groupPods } from './pod-groups.ts';

const NOW = Date.parse('2030-01-01T01:00:00Z');
const options = { cpuInitializationPeriodMs: 120_000, initialReadinessDelayMs: 30_000 };
const ago = (seconds: number): string => new Date(NOW - seconds * 1000).toISOString();

/** Started, and last changed its readiness, so many seconds ago. */
function pod(status: { phase?: string; started?: number; ready?: string; changed?: number; deleted?: boolean }): Pod {
  const { phase = 'Running', started = 600, ready = 'True', changed = 590, deleted } = status;
  return {
    metadata: { name: 'p', ...(deleted ? { deletionTimestamp: ago(1) } : {}) },
    spec: { containers: [] },
    status: {
      phase,
      startTime: ago(started),
      conditions: [{ type: 'Ready', status: ready, lastTransitionTime: ago(changed) }],
    },
  } as unknown as Pod;
}

it.each([
  ['ready', pod({}), true, 'ready'],
  ['deleted', pod({ deleted: true }), true, 'ignored'],
  ['failed', pod({ phase: 'Failed' }), true, 'ignored'],
  ['pending', pod({ phase: 'Pending' }), true, 'unready'],
  ['not ready since just after its start', pod({ ready: 'False', changed: 580 }), true, 'unready'],
  ['not ready since a moment ago: it was ready once', pod({ ready: 'False', changed: 5 }), true, 'ready'],
  ['young, and not ready', pod({ started: 60, ready: 'False', changed: 60 }), true, 'unready'],
  ['young, ready, measured before it was', pod({ started: 60, changed: 5 }), true, 'unready'],
  ['young, ready, measured since', pod({ started: 60, changed: 50 }), true, 'ready'],
  ['young and not ready, of another resource', pod({ started: 60, ready: 'False' }), false, 'ready'],
])('a pod that is %s', (_, each, isCpu, group) => {
  const metrics = new Map([['p', { timestampMs: NOW - 1000, windowMs: 30_000, value: 1 }]]);
  const groups = groupPods([each], metrics, isCpu, options, NOW);
  const found =
    groups.readyCount === 1
      ? 'ready'
      : (['unready', 'missing', 'ignored'] as const).find((name) => groups[name].has('p'));
  expect(found).toBe(group);
});

it('misses a pod that was not measured', () => {
  expect(groupPods([pod({})], new Map(), true, options, NOW).missing).toEqual(new Set(['p']));
});
