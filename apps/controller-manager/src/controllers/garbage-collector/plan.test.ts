import { describe, expect, it } from 'vitest';
import type { KubeObject } from '@pilothouse/apimachinery';
import { type OwnerState, planGarbage, withoutReferences } from './plan.ts';

const owned = (owners: readonly string[], finalizers: readonly string[] = []): KubeObject => ({
  metadata: {
    name: 'child',
    uid: 'child',
    resourceVersion: '7',
    finalizers: [...finalizers],
    ownerReferences: owners.map((uid) => ({ apiVersion: 'v1', kind: 'ConfigMap', name: uid, uid })),
  },
});

const none: { isDeletingDependents: boolean }[] = [];

describe('what becomes of an object', () => {
  const cases: [string, readonly OwnerState[], readonly string[], typeof none, object][] = [
    ['it has no owner', [], [], none, { action: 'keep' }],
    ['its owner is there', ['solid'], [], none, { action: 'keep' }],
    ['one of two owners has gone', ['solid', 'dangling'], [], none, { action: 'drop-references', uids: ['owner-1'] }],
    [
      'one owner waits and another keeps it',
      ['waiting-for-dependents', 'solid'],
      [],
      none,
      { action: 'drop-references', uids: ['owner-0'] },
    ],
    ['its only owner has gone', ['dangling'], [], none, { action: 'delete', propagation: 'Background' }],
    ['its owner waits for it', ['waiting-for-dependents'], [], none, { action: 'delete', propagation: 'Background' }],
    [
      'its owner waits for it, and it has dependents of its own',
      ['waiting-for-dependents'],
      [],
      [{ isDeletingDependents: false }],
      { action: 'delete', propagation: 'Foreground' },
    ],
    [
      'it waits for what waits for it',
      ['waiting-for-dependents'],
      [],
      [{ isDeletingDependents: true }],
      { action: 'delete', propagation: 'Foreground', unblock: true },
    ],
    ['it shall orphan its own', ['dangling'], ['orphan'], none, { action: 'delete', propagation: 'Orphan' }],
    [
      'it shall wait for its own',
      ['dangling'],
      ['foregroundDeletion'],
      none,
      { action: 'delete', propagation: 'Foreground' },
    ],
    ['an owner cannot be looked up', ['unresolvable', 'dangling'], [], none, { action: 'keep' }],
  ];

  it.each(cases)('when %s', (_, states, finalizers, dependents, expected) => {
    const object = owned(
      states.map((_state, at) => `owner-${at}`),
      finalizers,
    );
    const stateOf = (owner: { uid: string }): OwnerState => states[Number(owner.uid.slice('owner-'.length))]!;
    expect(planGarbage(object, stateOf, dependents)).toEqual(expected);
  });

  it('loses exactly the references named, in exactly the version that was judged', () => {
    expect(withoutReferences(owned(['a', 'b']), ['a'])).toMatchObject({
      metadata: { uid: 'child', resourceVersion: '7', ownerReferences: [{ uid: 'b' }] },
    });
    expect(withoutReferences(owned(['a']), ['a'])).toMatchObject({ metadata: { ownerReferences: null } });
  });
});
