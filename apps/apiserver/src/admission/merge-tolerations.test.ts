import type { Toleration } from '@pilothouse/api';
import { describe, expect, test } from 'vitest';
import { areAllowed, mergeTolerations } from './merge-tolerations.ts';

const anything: Toleration = { operator: 'Exists' };
const gpu: Toleration = { key: 'gpu', operator: 'Equal', value: 'a', effect: 'NoSchedule' };
const anyGpu: Toleration = { key: 'gpu', operator: 'Exists' };
const minute: Toleration = { key: 'out', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 60 };
const forever: Toleration = { key: 'out', operator: 'Exists', effect: 'NoExecute' };

describe('merging tolerations', () => {
  test.each<[Toleration[], Toleration[], Toleration[]]>([
    [[gpu], [], [gpu]],
    [[gpu], [gpu], [gpu]],
    [[gpu], [anyGpu], [anyGpu]],
    [[anyGpu], [gpu], [anyGpu]],
    [[gpu, minute], [anything], [anything]],
    [[minute], [forever], [forever]],
    [[gpu], [minute], [gpu, minute]],
  ])('%j and %j', (first, second, merged) => {
    expect(mergeTolerations(first, second)).toEqual(merged);
  });
});

describe('a list of allowed tolerations', () => {
  test.each<[Toleration, Toleration, boolean]>([
    [gpu, anyGpu, true],
    [anyGpu, gpu, false],
    [{ ...gpu, value: 'b' }, gpu, false],
    [forever, minute, false],
    [{ ...minute, tolerationSeconds: 30 }, minute, true],
    [{ ...minute, effect: 'NoSchedule' }, minute, false],
  ])('%j is in %j: %j', (asked, allowed, expected) => {
    expect(areAllowed([asked], [allowed])).toBe(expected);
  });
});
