import { describe, expect, it } from 'vitest';
import { selectorFromSet } from '@pilothouse/apimachinery';
import type { DaemonSet, Pod } from '@pilothouse/api';
import type { InformerHandler, SharedInformer } from '@pilothouse/client';
import type { UidTrackingExpectations, WorkQueue } from '@pilothouse/controller';
import { followOwnedPods } from './follow-owned-pods.ts';

const set = (name: string, uid = `${name}-uid`): DaemonSet =>
  ({ metadata: { name, namespace: 'ns', uid }, spec: {} }) as unknown as DaemonSet;

const pod = (owner: string | undefined, metadata: object = {}): Pod =>
  ({
    metadata: {
      name: 'p',
      namespace: 'ns',
      labels: { app: 'a' },
      ...(owner
        ? { ownerReferences: [{ kind: 'DaemonSet', name: owner, uid: `${owner}-uid`, controller: true }] }
        : {}),
      ...metadata,
    },
  }) as unknown as Pod;

/** What following says about each event, in order. */
function follow(sets: readonly DaemonSet[]) {
  let handler: InformerHandler<Pod> = {};
  const said: string[] = [];
  const lister = {
    get: (key: string) => sets.find(({ metadata }) => `${metadata.namespace}/${metadata.name}` === key),
    list: () => sets,
  };
  followOwnedPods({ addHandler: (each: InformerHandler<Pod>) => (handler = each) } as unknown as SharedInformer<Pod>, {
    kind: 'DaemonSet',
    owners: { lister } as unknown as SharedInformer<DaemonSet>,
    selectorOf: ({ metadata }) => selectorFromSet({ app: metadata.name! }),
    expectations: {
      creationObserved: (key: string) => said.push(`created ${key}`),
      deletionObserved: (key: string) => said.push(`deleted ${key}`),
    } as unknown as UidTrackingExpectations,
    queue: { add: (key: string) => void said.push(key) } as unknown as WorkQueue<string>,
    changed: ({ metadata }) => said.push(`changed ${metadata.name}`),
  });
  return { handler, said };
}

const going = { deletionTimestamp: '2026-01-01T00:00:00Z' };

describe('following the pods of an owner', () => {
  it.each<[string, (handler: InformerHandler<Pod>) => void, string[]]>([
    ['a new pod is an expected creation', ({ onAdd }) => onAdd!(pod('a'), false), ['created ns/a', 'ns/a']],
    [
      'a new one that is going already is a deletion',
      ({ onAdd }) => onAdd!(pod('a', going), false),
      ['deleted ns/a', 'ns/a'],
    ],
    ['an orphan concerns all who would adopt it', ({ onAdd }) => onAdd!(pod(undefined), false), ['ns/a']],
    ['a change concerns its owner', ({ onUpdate }) => onUpdate!(pod('a'), pod('a')), ['ns/a', 'changed a']],
    [
      'one that begins to end is a deletion',
      ({ onUpdate }) => onUpdate!(pod('a'), pod('a', going)),
      ['deleted ns/a', 'ns/a', 'ns/a', 'changed a'],
    ],
    [
      'a new owner and the old one both hear of it',
      ({ onUpdate }) => onUpdate!(pod('b'), pod('a')),
      ['ns/b', 'ns/a', 'changed a'],
    ],
    ['one that is let go is an orphan', ({ onUpdate }) => onUpdate!(pod('b'), pod(undefined)), ['ns/b', 'ns/a']],
    ['its end is a deletion', ({ onDelete }) => onDelete!(pod('a')), ['deleted ns/a', 'ns/a']],
    ['the end of an orphan concerns nobody', ({ onDelete }) => onDelete!(pod(undefined)), []],
    ['a pod of a namesake concerns nobody', ({ onUpdate }) => onUpdate!(pod('c'), pod('c')), []],
  ])('%s', (_, happens, expected) => {
    const { handler, said } = follow([set('a'), set('b'), set('c', 'another')]);
    happens(handler);
    expect(said).toEqual(expected);
  });
});
