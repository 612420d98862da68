import { expect, it } from 'vitest';
import { isDue, toggled } from './protection-finalizer.ts';

const NAME = 'kubernetes.io/pv-protection';
const deletionTimestamp = '2026-01-01T00:00:00Z';

it.each<[string, Parameters<typeof isDue>[0], boolean, string[]]>([
  ['is added to what has lost it', { finalizers: ['x'] }, true, ['x', NAME]],
  ['stays with what lives', { finalizers: [NAME] }, false, [NAME]],
  ['is removed from what is being deleted', { deletionTimestamp, finalizers: [NAME, 'x'] }, true, ['x']],
  ['is not added to what is being deleted', { deletionTimestamp, finalizers: ['x'] }, false, ['x']],
])('a protecting finalizer %s', (_, metadata, due, finalizers) => {
  expect(isDue(metadata, NAME)).toBe(due);
  expect(toggled(metadata, NAME).finalizers).toEqual(finalizers);
});
