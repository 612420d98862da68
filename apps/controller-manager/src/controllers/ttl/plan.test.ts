import { describe, expect, it } from 'vitest';
import { planStep, secondsOf } from './plan.ts';

describe('how long kubelets may cache', () => {
  it.each([
    ['a small cluster: not at all', 0, 3, 0],
    ['a growing cluster: once it is past the border', 0, 101, 15],
    ['a shrinking cluster: not before it is well below', 1, 95, 15],
    ['a shrinking cluster: well below', 1, 89, 0],
    ['a huge one: five minutes', 0, 5000, 300],
  ])('%s', (_, step, nodes, seconds) => {
    expect(secondsOf(planStep(step, nodes))).toBe(seconds);
  });
});
