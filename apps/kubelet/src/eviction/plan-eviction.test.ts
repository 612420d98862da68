import { describe, expect, it } from 'vitest';
import type { Pod } from '@pilothouse/api';
import { PRESSURES } from '../node/pressure.ts';
import { evictionOf, nextVictim } from './plan-eviction.ts';

const MI = 1024 * 1024;
const candidate = (name: string, usedMi: number, request?: string, priority?: number, annotations = {}) => ({
  pod: {
    metadata: { name, annotations },
    spec: {
      containers: [{ name: 'c', resources: request === undefined ? {} : { requests: { memory: request } } }],
      ...(priority === undefined ? {} : { priority }),
    },
  } as unknown as Pod,
  memoryBytes: new Map([['c', usedMi * MI]]),
});

const victim = (...candidates: ReturnType<typeof candidate>[]) => nextVictim(candidates)?.pod.metadata.name;

describe('the pod that a node under pressure evicts next', () => {
  it('is one that takes more than it asked for, however important', () => {
    expect(victim(candidate('modest', 10, '20Mi', -5), candidate('greedy', 30, '20Mi', 100))).toBe('greedy');
  });

  it('is the least important of those, then the one that takes most beyond its request', () => {
    expect(victim(candidate('a', 50, '20Mi', 5), candidate('b', 30, '20Mi', 1))).toBe('b');
    expect(victim(candidate('a', 30, '20Mi'), candidate('b', 90, '70Mi'), candidate('c', 15))).toBe('b');
  });

  it('is never one that the system needs', () => {
    expect(victim(candidate('a', 50, undefined, 2_000_001_000))).toBeUndefined();
    expect(victim(candidate('a', 50, undefined, 0, { 'kubernetes.io/config.mirror': 'x' }))).toBeUndefined();
  });

  it('is told why', () => {
    const [memory, disk] = PRESSURES;
    expect(evictionOf(candidate('a', 30, '20Mi'), memory!)).toEqual({
      reason: 'Evicted',
      message:
        'The node was low on resource: memory. Threshold quantity: 100Mi, available: 50Mi. Container c was using 30Mi, request is 20Mi, has larger consumption of memory. ',
    });
    expect(evictionOf(candidate('a', 30), disk!).message).toBe('The node was low on resource: ephemeral-storage. ');
  });
});
