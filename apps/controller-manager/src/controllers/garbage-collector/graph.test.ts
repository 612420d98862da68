import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { KubeObject } from '@pilothouse/apimachinery';
import { configmaps } from '@pilothouse/api';
import { OwnerGraph } from './graph.ts';

const object = (uid: string, owners: readonly string[] = [], more: object = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: {
    uid,
    name: uid,
    namespace: 'ns',
    ownerReferences: owners.map((owner) => ({ apiVersion: 'v1', kind: 'ConfigMap', name: owner, uid: owner })),
    ...more,
  },
});

describe('the graph of owners', () => {
  it('holds a place for an owner that it has only heard of, until nothing names it any more', () => {
    const graph = new OwnerGraph();
    graph.observe(configmaps, object('child', ['parent']));
    expect(graph.node('parent')).toMatchObject({ isVirtual: true });
    graph.remove('child');
    expect(graph.size).toBe(0);
  });

  it('sends for the dependents of what is gone, and for the owner that may wait for it', () => {
    const graph = new OwnerGraph();
    graph.observe(configmaps, object('parent'));
    graph.observe(configmaps, object('child', ['parent']));
    expect(graph.remove('child')).toEqual(['parent']);
    graph.observe(configmaps, object('child', ['parent']));
    expect(graph.remove('parent')).toEqual(['child']);
  });

  it('sends for the dependents when a foreground deletion begins', () => {
    const graph = new OwnerGraph();
    graph.observe(configmaps, object('parent'));
    graph.observe(configmaps, object('child', ['parent']));
    const waiting = { deletionTimestamp: '2026-01-01T00:00:00Z', finalizers: ['foregroundDeletion'] };
    expect(graph.observe(configmaps, object('parent', [], waiting))).toEqual(['parent', 'child']);
  });

  it('has no work when an object changes whose owners are well', () => {
    const graph = new OwnerGraph();
    graph.observe(configmaps, object('parent'));
    expect(graph.observe(configmaps, object('child', ['parent']))).toEqual([]);
    expect(graph.observe(configmaps, object('child', ['parent'], { labels: { a: 'b' } }))).toEqual([]);
    expect(graph.observe(configmaps, object('stray', ['nobody']))).toEqual(['stray']);
  });

  it.each([
    ['by another name', { name: 'other' }],
    ['of another kind', { kind: 'Secret' }],
    ['of another group', { apiVersion: 'apps/v1' }],
  ])('does not take an owner for the one that is named %s', (_, wrong) => {
    const graph = new OwnerGraph();
    graph.observe(configmaps, object('parent'));
    const reference = { apiVersion: 'v1', kind: 'ConfigMap', name: 'parent', uid: 'parent', ...wrong };
    expect(graph.observe(configmaps, object('child', [], { ownerReferences: [reference] }))).toEqual(['child']);
  });

  it('does not take an owner in another namespace for one', () => {
    const graph = new OwnerGraph();
    graph.observe(configmaps, object('parent'));
    graph.observe(configmaps, object('child', ['parent'], { namespace: 'elsewhere' }));
    expect(graph.isSettled(graph.node('child')!)).toBe(false);
  });

  it('knows exactly the dependents that the objects name, after any history', () => {
    const uids = ['a', 'b', 'c', 'd'];
    const step = fc.record({
      uid: fc.constantFrom(...uids),
      owners: fc.option(fc.uniqueArray(fc.constantFrom(...uids)), { nil: undefined }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (history) => {
        const graph = new OwnerGraph();
        const present = new Map<string, readonly string[]>();
        for (const { uid, owners } of history) {
          if (owners === undefined) {
            graph.remove(uid);
            present.delete(uid);
          } else {
            graph.observe(configmaps, object(uid, owners));
            present.set(uid, owners);
          }
        }
        for (const owner of uids) {
          const expected = [...present].filter(([, owners]) => owners.includes(owner)).map(([uid]) => uid);
          const known = graph.dependentsOf(owner).map(({ uid }) => uid);
          expect(known.sort()).toEqual(expected.sort());
        }
      }),
    );
  });
});
