import fc from 'fast-check';
import { expect, it } from 'vitest';
import { KeyIndex, pathOf } from './key-index.ts';

const names = fc.stringMatching(/^[a-c]([a-c.-]{0,2}[a-c])?$/);
const keys = fc.record({ namespace: names, name: names });

it('lists like etcd orders its keys, from any start, whatever was put and deleted', () => {
  const commands = fc.array(fc.record({ key: keys, put: fc.boolean() }), { maxLength: 60 });
  fc.assert(
    fc.property(commands, names, keys, (steps, namespace, start) => {
      const index = new KeyIndex<{ key: { namespace: string; name: string }; step: number }>();
      const model = new Map<string, { key: { namespace: string; name: string }; step: number }>();
      for (const [step, { key, put }] of steps.entries()) {
        const before = model.get(pathOf(key));
        if (put) {
          expect(index.set({ key, step })).toEqual(before);
          model.set(pathOf(key), { key, step });
        } else {
          expect(index.delete(key)).toEqual(before);
          model.delete(pathOf(key));
        }
      }
      const sorted = [...model].sort(([a], [b]) => (a < b ? -1 : 1));
      const from = pathOf(start);
      expect(index.size).toBe(model.size);
      expect(index.list('')).toEqual(sorted.map(([, object]) => object));
      expect(index.list('', from)).toEqual(sorted.filter(([path]) => path >= from).map(([, object]) => object));
      expect(index.list(namespace, start.name)).toEqual(
        sorted
          .filter(([, { key }]) => key.namespace === namespace && key.name >= start.name)
          .map(([, object]) => object),
      );
    }),
  );
});

it('puts the namespace a-b before a, as the slash after the name demands', () => {
  const index = new KeyIndex<{ key: { namespace: string; name: string } }>();
  index.set({ key: { namespace: 'a', name: 'x' } });
  index.set({ key: { namespace: 'a-b', name: 'x' } });
  expect(index.list('').map(({ key }) => key.namespace)).toEqual(['a-b', 'a']);
});
