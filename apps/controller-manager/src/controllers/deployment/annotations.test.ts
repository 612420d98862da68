import { expect, it } from 'vitest';
import type { Deployment } from '@pilothouse/api';
import { newReplicaSetAnnotations, REVISION, REVISION_HISTORY } from './annotations.ts';

const deployment = (annotations: Record<string, string> = {}): Deployment =>
  ({ metadata: { annotations }, spec: {} }) as unknown as Deployment;

it('a replica set that becomes the newest again remembers the revisions that it was', () => {
  const before = { [REVISION]: '3', [REVISION_HISTORY]: '1', mine: 'x' };
  const mine = { 'kubectl.kubernetes.io/last-applied-configuration': '{}', [REVISION]: '9', note: 'y' };
  expect(newReplicaSetAnnotations(deployment(mine), before, 7)).toEqual({
    [REVISION]: '7',
    [REVISION_HISTORY]: '1,3',
    mine: 'x',
    note: 'y',
  });
  expect(newReplicaSetAnnotations(deployment(), before, 3)).toEqual(before);
});

it('a long history loses its oldest part', () => {
  const known = Array.from({ length: 500 }, (_, at) => String(1000 + at));
  const { [REVISION_HISTORY]: history = '' } = newReplicaSetAnnotations(
    deployment(),
    { [REVISION]: '1500', [REVISION_HISTORY]: known.join(',') },
    1501,
  );
  expect(history.length).toBeLessThanOrEqual(2000);
  expect(history.startsWith('1101,')).toBe(true);
  expect(history.endsWith(',1499,1500')).toBe(true);
});
