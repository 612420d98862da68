import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { objectKey, type KubeObject } from '@pilothouse/apimachinery';
import { Store } from './store.ts';

const object = (namespace: string, name: string, labels: Record<string, string> = {}): KubeObject => ({
  metadata: { namespace, name, labels },
});

describe('Store', () => {
  it('answers by key, by namespace and by index', () => {
    const store = new Store();
    store.addIndex('app', (each) => (each.metadata?.labels?.app ? [each.metadata.labels.app] : []));
    const a = object('x', 'a', { app: 'web' });
    const b = object('y', 'b', { app: 'web' });
    for (const each of [a, b]) store.set(objectKey(each), each);
    expect(store.get('x/a')).toBe(a);
    expect(store.get('x/b')).toBeUndefined();
    expect(store.list()).toEqual([a, b]);
    expect(store.list('y')).toEqual([b]);
    expect(store.list('z')).toEqual([]);
    expect(store.byIndex('app', 'web')).toEqual([a, b]);
    expect(() => store.byIndex('nope', 'web')).toThrow('index with name nope does not exist');
  });

  it('indexes what is already there when an index is added', () => {
    const store = new Store();
    const a = object('x', 'a', { app: 'web' });
    store.set('x/a', a);
    store.addIndex('app', (each) => [each.metadata!.labels!.app!]);
    expect(store.byIndex('app', 'web')).toEqual([a]);
    expect(() => store.addIndex('app', () => [])).toThrow('indexer conflict');
  });

  it('has in every index exactly the objects that carry its value, whatever happened before', () => {
    const change = fc.record({
      name: fc.constantFrom('a', 'b', 'c'),
      tags: fc.option(fc.uniqueArray(fc.constantFrom('1', '2', '3')), { nil: undefined }),
    });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 20 }), (changes) => {
        const tagsOf = (each: KubeObject) => Object.keys(each.metadata?.labels ?? {});
        const store = new Store();
        store.addIndex('tag', tagsOf);
        for (const { name, tags } of changes) {
          if (tags) store.set(name, object('', name, Object.fromEntries(tags.map((tag) => [tag, '']))));
          else store.delete(name);
        }
        for (const tag of ['1', '2', '3']) {
          const expected = store.list().filter((each) => tagsOf(each).includes(tag));
          expect(new Set(store.byIndex('tag', tag))).toEqual(new Set(expected));
          expect(store.countByIndex('tag', tag)).toBe(expected.length);
        }
      }),
    );
  });
});
