import { describe, expect, it } from 'vitest';
import { encodeContinueToken } from './continue-token.ts';
import { planList } from './list-plan.ts';
import type { ListOptions } from './storage.ts';

const plan = (options: Partial<ListOptions>) => planList({ namespace: '', resourceVersion: '', ...options });

describe('planList', () => {
  it.each<[Partial<ListOptions>, object]>([
    [{}, { snapshot: { kind: 'consistent' }, limit: 0 }],
    [{ limit: 5 }, { snapshot: { kind: 'consistent' }, limit: 5 }],
    [{ resourceVersion: '0' }, { snapshot: { kind: 'any' }, limit: 0 }],
    [
      { resourceVersion: '0', limit: 5 },
      { snapshot: { kind: 'any' }, limit: 0 },
    ],
    [{ resourceVersion: '7' }, { snapshot: { kind: 'notOlderThan', revision: 7 }, limit: 0 }],
    [
      { resourceVersion: '7', limit: 5 },
      { snapshot: { kind: 'exact', revision: 7 }, limit: 5, continued: false },
    ],
    [
      { resourceVersion: '7', limit: 5, resourceVersionMatch: 'NotOlderThan' },
      { snapshot: { kind: 'notOlderThan', revision: 7 }, limit: 5 },
    ],
    [
      { resourceVersion: '7', resourceVersionMatch: 'Exact' },
      { snapshot: { kind: 'exact', revision: 7 }, limit: 0 },
    ],
  ])('%o', (options, expected) => {
    expect(plan(options)).toMatchObject(expected);
  });

  it('goes on at the snapshot of the token', () => {
    const token = encodeContinueToken({ revision: 9, start: 'a\0' });
    expect(plan({ continue: token, limit: 2 })).toEqual({
      snapshot: { kind: 'exact', revision: 9 },
      limit: 2,
      start: 'a\0',
      continued: true,
    });
  });

  it('goes on at the latest state when the token says that the snapshot is gone', () => {
    const token = encodeContinueToken({ revision: -1, start: 'a\0' });
    expect(plan({ continue: token })).toMatchObject({ snapshot: { kind: 'consistent' }, start: 'a\0' });
  });

  it('refuses a resource version beside a token', () => {
    const token = encodeContinueToken({ revision: 9, start: 'a\0' });
    expect(() => plan({ continue: token, resourceVersion: '8' })).toThrow(
      'specifying resource version is not allowed when using continue',
    );
    expect(plan({ continue: token, resourceVersion: '0' }).snapshot).toEqual({ kind: 'exact', revision: 9 });
  });

  it.each(['abc', '-1', '1.5', '99999999999999999999'])('refuses the resource version %s', (resourceVersion) => {
    expect(() => plan({ resourceVersion })).toThrow(expect.objectContaining({ code: 400 }));
  });
});
