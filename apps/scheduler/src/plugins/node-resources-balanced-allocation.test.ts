import { describe, expect, test } from 'vitest';
import { node, pod } from '../testing/objects.ts';
import { scenarios } from '../testing/scenario.ts';
import { balanceScore } from './node-resources-balanced-allocation.ts';

describe('NodeResourcesBalancedAllocation', () => {
  const of = (...fractions: number[]) =>
    balanceScore(fractions.map((used) => ({ requested: used * 100, allocatable: 100, weight: 1 })));

  test.each([
    { fractions: [0.5, 0.5], score: 100 },
    { fractions: [0.2, 0.8], score: 70 },
    { fractions: [0, 1], score: 50 },
    { fractions: [1.5, 1], score: 100 },
    { fractions: [0.3], score: 100 },
    { fractions: [], score: 100 },
    { fractions: [0, 0, 1], score: 52 },
  ])('fractions $fractions score $score', ({ fractions, score }) => expect(of(...fractions)).toBe(score));

  scenarios({
    'a pod of much CPU goes where memory is used': {
      nodes: [node('a', { cpu: '10', memory: '10Gi' }), node('b', { cpu: '10', memory: '10Gi' })],
      existing: [
        pod('cpu', { requests: { cpu: '4', memory: '1Gi' }, on: 'a' }),
        pod('memory', { requests: { cpu: '1', memory: '4Gi' }, on: 'b' }),
      ],
      pod: pod('p', { requests: { cpu: '3', memory: '1Gi' } }),
      lands: 'b',
    },
  });
});
