import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { KubeObject, WatchEvent } from '@pilothouse/apimachinery';
import { silentLogger } from '@pilothouse/component';
import { StoreInformer } from './shared-informer.ts';

const pod = (name: string, resourceVersion: string, uid = name): KubeObject => ({
  metadata: { name, uid, resourceVersion },
});
const versionOf = (object: KubeObject) => `${object.metadata?.name}@${object.metadata?.resourceVersion}`;

function makeInformer() {
  let synced = 0;
  const informer = new StoreInformer<KubeObject>(silentLogger(), () => synced++);
  const seen: string[] = [];
  const handler = {
    onAdd: (object: KubeObject, initial: boolean) =>
      void seen.push(`add ${versionOf(object)}${initial ? ' initial' : ''}`),
    onUpdate: (before: KubeObject, after: KubeObject) =>
      void seen.push(`update ${versionOf(before)} ${versionOf(after)}`),
    onDelete: (object: KubeObject) => void seen.push(`delete ${versionOf(object)}`),
  };
  informer.addHandler(handler);
  return { informer, handler, seen, syncedCount: () => synced };
}

describe('StoreInformer', () => {
  it('reports the initial list, then changes, in order', () => {
    const { informer, seen, syncedCount } = makeInformer();
    expect(informer.hasSynced).toBe(false);
    informer.replace([pod('a', '1')]);
    expect(informer.hasSynced).toBe(true);
    informer.apply({ type: 'ADDED', object: pod('b', '2') });
    informer.apply({ type: 'MODIFIED', object: pod('a', '3') });
    informer.apply({ type: 'DELETED', object: pod('a', '4') });
    expect(seen).toEqual(['add a@1 initial', 'add b@2', 'update a@1 a@3', 'delete a@4']);
    expect(informer.lister.list().map(versionOf)).toEqual(['b@2']);
    expect(syncedCount()).toBe(1);
  });

  it('reports after a new list only what changed, with the last state seen of what is gone', () => {
    const { informer, seen } = makeInformer();
    informer.replace([pod('a', '1'), pod('b', '2'), pod('c', '3')]);
    seen.length = 0;
    informer.replace([pod('a', '1'), pod('b', '7'), pod('d', '8')]);
    expect(seen).toEqual(['update b@2 b@7', 'add d@8', 'delete c@3']);
  });

  it('reports an object that was replaced by a namesake as deleted and added', () => {
    const { informer, seen } = makeInformer();
    informer.replace([pod('a', '1', 'old')]);
    informer.replace([pod('a', '9', 'new')]);
    expect(seen.slice(1)).toEqual(['delete a@1', 'add a@9']);
  });

  it('gives a late handler an add for everything present', () => {
    const { informer, handler, seen } = makeInformer();
    informer.replace([pod('a', '1'), pod('b', '2')]);
    seen.length = 0;
    informer.addHandler(handler);
    expect(seen).toEqual(['add a@1 initial', 'add b@2 initial']);
  });

  it('goes on when a handler throws', () => {
    const { informer, seen } = makeInformer();
    informer.addHandler({
      onAdd: () => {
        throw new Error('broken');
      },
    });
    informer.replace([pod('a', '1'), pod('b', '2')]);
    expect(seen).toHaveLength(2);
    expect(informer.hasSynced).toBe(true);
  });

  it('keeps no managed fields', () => {
    const { informer } = makeInformer();
    informer.replace([{ metadata: { name: 'a', managedFields: [{ manager: 'me' }], labels: { x: 'y' } } }]);
    expect(informer.lister.get('a')).toEqual({ metadata: { name: 'a', labels: { x: 'y' } } });
  });

  it('lets a handler that follows it know exactly what the lister shows, however lists and events mix', () => {
    const change = fc.oneof(
      fc.record({ kind: fc.constant('replace' as const), names: fc.uniqueArray(fc.constantFrom('a', 'b', 'c')) }),
      fc.record({
        kind: fc.constant('event' as const),
        type: fc.constantFrom<WatchEvent['type']>('ADDED', 'MODIFIED', 'DELETED'),
        name: fc.constantFrom('a', 'b', 'c'),
        uid: fc.constantFrom('1', '2'),
      }),
    );
    fc.assert(
      fc.property(fc.array(change, { maxLength: 20 }), (changes) => {
        const { informer } = makeInformer();
        const followed = new Map<string, KubeObject>();
        informer.addHandler({
          onAdd(object) {
            expect(followed.has(object.metadata!.name!)).toBe(false);
            followed.set(object.metadata!.name!, object);
          },
          onUpdate(before, after) {
            expect(followed.get(after.metadata!.name!)).toBe(before);
            expect(before.metadata!.uid).toBe(after.metadata!.uid);
            followed.set(after.metadata!.name!, after);
          },
          onDelete: (object) => expect(followed.delete(object.metadata!.name!)).toBe(true),
        });
        changes.forEach((each, i) => {
          if (each.kind === 'replace') informer.replace(each.names.map((name) => pod(name, String(i))));
          else informer.apply({ type: each.type, object: pod(each.name, String(i), each.uid) });
          expect(new Set(followed.values())).toEqual(new Set(informer.lister.list()));
        });
      }),
    );
  });
});
