import fc from 'fast-check';
import { expect, test } from 'vitest';
import { KeyedHeap } from './heap.ts';

interface Item {
  readonly key: string;
  readonly rank: number;
}

const command = fc.oneof(
  fc.record({
    kind: fc.constant('set' as const),
    key: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g'),
    rank: fc.nat(9),
  }),
  fc.record({ kind: fc.constant('delete' as const), key: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g') }),
  fc.record({ kind: fc.constant('pop' as const) }),
);

test('whatever is set, replaced and deleted, the first out is the least, and items are found by key', () => {
  fc.assert(
    fc.property(fc.array(command, { maxLength: 60 }), (commands) => {
      const heap = new KeyedHeap<Item>(
        ({ key }) => key,
        (a, b) => a.rank < b.rank,
      );
      const model = new Map<string, Item>();
      for (const step of commands) {
        if (step.kind === 'set') {
          const item = { key: step.key, rank: step.rank };
          heap.set(item);
          model.set(step.key, item);
        } else if (step.kind === 'delete') {
          expect(heap.delete(step.key)).toBe(model.get(step.key));
          model.delete(step.key);
        } else {
          const popped = heap.pop();
          expect(popped?.rank).toBe(model.size ? Math.min(...[...model.values()].map(({ rank }) => rank)) : undefined);
          if (popped) model.delete(popped.key);
        }
        expect(heap.size).toBe(model.size);
        for (const [key, item] of model) expect(heap.get(key)).toBe(item);
      }
    }),
  );
});
