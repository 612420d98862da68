import { describe, expect, it } from 'vitest';
import type { KubeObject, ObjectMeta, ResourceDefinition } from '@pilothouse/apimachinery';
import {
  checkPreconditions,
  isFinishedByUpdate,
  planDeletion,
  type DeleteOptions,
  validateDeleteOptions,
} from './deletion.ts';

const NOW = new Date('2026-01-01T00:00:00Z');

function definition(grace?: (object: unknown, requested: number | undefined) => number): ResourceDefinition {
  const strategy = { defaultPropagation: 'Background', ...(grace ? { gracePeriodSeconds: grace } : {}) };
  return { group: '', resource: 'things', strategy } as unknown as ResourceDefinition;
}

const pods = definition((_object, requested) => requested ?? 30);
const plain = definition();
const thing = (metadata: ObjectMeta): KubeObject => ({ kind: 'Thing', metadata: { name: 'a', ...metadata } });

function marks(def: ResourceDefinition, metadata: ObjectMeta, options: DeleteOptions = {}) {
  const plan = planDeletion(def, thing(metadata), options, NOW);
  return plan.act === 'mark' ? plan.object.metadata : plan.act;
}

describe('planDeletion', () => {
  it('removes what nothing holds', () => {
    expect(marks(plain, {})).toBe('remove');
  });

  it('marks what has finalizers, with a grace of 0 and the next generation', () => {
    expect(marks(plain, { finalizers: ['x.io/a'], generation: 3 })).toMatchObject({
      deletionTimestamp: '2026-01-01T00:00:00Z',
      deletionGracePeriodSeconds: 0,
      generation: 4,
      finalizers: ['x.io/a'],
    });
  });

  it('leaves alone what is marked already', () => {
    const marked = { finalizers: ['x.io/a'], deletionTimestamp: '2025-01-01T00:00:00Z', deletionGracePeriodSeconds: 0 };
    expect(marks(plain, marked)).toBe('nothing');
  });

  it('ends a grace that is under way at once when asked to, and waits for finalizers alone', () => {
    const leaving = {
      ...{ finalizers: ['x.io/a'], deletionTimestamp: '2026-01-01T00:00:20Z', deletionGracePeriodSeconds: 30 },
    };
    expect(marks(pods, leaving, { gracePeriodSeconds: 0 })).toMatchObject({
      deletionTimestamp: '2026-01-01T00:00:00Z',
      deletionGracePeriodSeconds: 0,
    });
  });

  it('never changes the object that it is given', () => {
    const object = thing({ finalizers: ['x.io/a'], generation: 1 });
    const before = structuredClone(object);
    planDeletion(plain, object, { propagationPolicy: 'Orphan' }, NOW);
    expect(object).toEqual(before);
  });

  describe('with a propagation policy', () => {
    it('adds the finalizer of the garbage collector', () => {
      expect(marks(plain, {}, { propagationPolicy: 'Orphan' })).toMatchObject({ finalizers: ['orphan'] });
      expect(marks(plain, {}, { propagationPolicy: 'Foreground' })).toMatchObject({
        finalizers: ['foregroundDeletion'],
      });
      expect(marks(plain, {}, { orphanDependents: true })).toMatchObject({ finalizers: ['orphan'] });
    });

    it('replaces an earlier policy, and keeps it when there is no new one', () => {
      expect(marks(plain, { finalizers: ['orphan'] }, { propagationPolicy: 'Background' })).toBe('remove');
      expect(marks(plain, { finalizers: ['foregroundDeletion', 'x.io/a'] })).toMatchObject({
        finalizers: ['foregroundDeletion', 'x.io/a'],
      });
    });
  });

  describe('of a graceful kind', () => {
    it('ends after the grace period', () => {
      expect(marks(pods, { generation: 1 })).toMatchObject({
        deletionTimestamp: '2026-01-01T00:00:30Z',
        deletionGracePeriodSeconds: 30,
        generation: 2,
      });
    });

    it('removes at once with a grace of 0, and reads a negative one as 1', () => {
      expect(marks(pods, {}, { gracePeriodSeconds: 0 })).toBe('remove');
      expect(marks(pods, {}, { gracePeriodSeconds: -5 })).toMatchObject({ deletionGracePeriodSeconds: 1 });
    });

    const ending = { deletionTimestamp: '2026-01-01T00:00:20Z', deletionGracePeriodSeconds: 30 };

    it('can be shortened, not lengthened', () => {
      expect(marks(pods, ending, { gracePeriodSeconds: 25 })).toMatchObject({
        deletionTimestamp: '2026-01-01T00:00:15Z',
        deletionGracePeriodSeconds: 25,
      });
      expect(marks(pods, ending, { gracePeriodSeconds: 60 })).toBe('nothing');
      expect(marks(pods, ending)).toBe('nothing');
      expect(marks(pods, ending, { gracePeriodSeconds: 0 })).toBe('remove');
    });

    it('ends now, with a second of grace, when the shorter time is over already', () => {
      expect(marks(pods, ending, { gracePeriodSeconds: 5 })).toMatchObject({
        deletionTimestamp: '2026-01-01T00:00:00Z',
        deletionGracePeriodSeconds: 1,
      });
    });

    it('waits for finalizers even without grace', () => {
      expect(marks(pods, { ...ending, finalizers: ['x.io/a'] }, { gracePeriodSeconds: 0 })).toMatchObject({
        deletionGracePeriodSeconds: 0,
        finalizers: ['x.io/a'],
      });
    });
  });
});

it('isFinishedByUpdate: the last finalizer of an object without grace is gone', () => {
  const deleting = { deletionTimestamp: '2026-01-01T00:00:00Z', deletionGracePeriodSeconds: 0, finalizers: ['x.io/a'] };
  expect(isFinishedByUpdate(thing({ ...deleting, finalizers: [] }), thing(deleting))).toBe(true);
  expect(isFinishedByUpdate(thing(deleting), thing(deleting))).toBe(false);
  expect(isFinishedByUpdate(thing({}), thing({}))).toBe(false);
  const graceful = { ...deleting, deletionGracePeriodSeconds: 30 };
  expect(isFinishedByUpdate(thing({ ...graceful, finalizers: [] }), thing(graceful))).toBe(false);
});

it('checkPreconditions throws 409 for another uid or version', () => {
  const metadata = { name: 'a', uid: 'u', resourceVersion: '5' };
  expect(() => checkPreconditions(plain, metadata, { uid: 'u', resourceVersion: '5' })).not.toThrow();
  expect(() => checkPreconditions(plain, metadata, { uid: 'v' })).toThrow(
    'the UID in the precondition (v) does not match the UID in record (u). The object might have been deleted and then recreated',
  );
  expect(() => checkPreconditions(plain, metadata, { resourceVersion: '4' })).toThrow(
    'the ResourceVersion in the precondition (4) does not match the ResourceVersion in record (5)',
  );
});

it('validateDeleteOptions refuses a policy that is none, and two ways to say it at once', () => {
  expect(() => validateDeleteOptions({ propagationPolicy: 'Sideways' })).toThrow(
    'propagationPolicy: Unsupported value: "Sideways": supported values: "Foreground", "Background", "Orphan", "nil"',
  );
  expect(() => validateDeleteOptions({ propagationPolicy: 'Orphan', orphanDependents: true })).toThrow(
    'cannot be both set',
  );
});
