import { describe, expect, it } from 'vitest';
import type { Pod } from '@pilothouse/api';
import { planStaleness } from './stale-conditions.ts';

const NOW = new Date('2026-01-01T00:10:00Z');
const pod = (
  lastTransitionTime: string,
  { reason = 'EvictionByEvictionAPI', status = 'True', phase = 'Running', going = false } = {},
): Pod =>
  ({
    metadata: going ? { deletionTimestamp: lastTransitionTime } : {},
    status: { phase, conditions: [{ type: 'DisruptionTarget', status, reason, lastTransitionTime }] },
  }) as unknown as Pod;

describe('a pod that was to be disrupted', () => {
  it.each<[string, Pod, number | undefined]>([
    ['has two minutes to go', pod('2026-01-01T00:09:00Z'), 60_000],
    ['is then forgotten', pod('2026-01-01T00:01:00Z'), 0],
    ['is left alone while it goes', pod('2026-01-01T00:01:00Z', { going: true }), undefined],
    ['is left alone when it has ended', pod('2026-01-01T00:01:00Z', { phase: 'Failed' }), undefined],
    ['is left to its kubelet', pod('2026-01-01T00:01:00Z', { reason: 'TerminationByKubelet' }), undefined],
    ['is forgotten once', pod('2026-01-01T00:01:00Z', { status: 'False' }), undefined],
    ['is none without the condition', { metadata: {} } as Pod, undefined],
  ])('%s', (_, of, expected) => expect(planStaleness(of, NOW)).toBe(expected));
});
