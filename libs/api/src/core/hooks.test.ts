import { decodeJsonValue, type Schema } from '@pilothouse/apimachinery';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { schemaFor } from '../schemas.ts';
import { CONTEXT, NOW } from './example-objects.ts';
import { coreKinds } from './index.ts';

const WORDS = ['', 'a', 'Always', 'TCP', 'None', 'ClusterIP', '10.0.0.1', '/a/../b', '1Gi', "metadata.labels['a']"];

const someOf = <T>(items: T[], max: number): fc.Arbitrary<T[]> =>
  fc.subarray(items, { minLength: Math.min(1, items.length), maxLength: Math.min(max, items.length) });

/** Any JSON that the schema lets pass: odd values, nulls, absent fields. */
function anyOf(schema: Schema, depth: number): fc.Arbitrary<unknown> {
  switch (schema.type) {
    case 'object':
      // A few fields of each message, so that objects grow deep without growing large.
      return someOf([...schema.properties.values()], depth < 2 ? 6 : 3).chain((properties) => {
        const fields = properties.map(({ name, schema: field }) => [
          name,
          fc.option(anyOf(field, depth + 1), { freq: 8 }),
        ]);
        return fc.record(Object.fromEntries(fields) as Record<string, fc.Arbitrary<unknown>>);
      });
    case 'list':
      return fc.array(anyOf(schema.items, depth + 1), { maxLength: 2 });
    case 'map':
      return fc.dictionary(
        fc.constantFrom('a', 'cpu', 'hugepages-2Mi', 'example.com/x', 'storage'),
        anyOf(schema.values, depth + 1),
        {
          maxKeys: 2,
        },
      );
    case 'boolean':
      return fc.boolean();
    case 'integer':
    case 'number':
      return fc.constantFrom(-1, 0, 1, 80, 70_000);
    case 'quantity':
      return fc.constantFrom('0', '1', '-1', '100m', '1Gi', '3u');
    case 'intOrString':
      return fc.constantFrom(0, 80, 'http', '');
    case 'time':
      return fc.constantFrom('2026-05-01T12:00:00Z');
    case 'microTime':
      return fc.constantFrom('2026-05-01T12:00:00.000000Z');
    case 'bytes':
      return fc.constantFrom('', 'YQ==');
    case 'string':
      return fc.constantFrom(...WORDS);
    default:
      return fc.constant({});
  }
}

describe('whatever a client sends, no hook fails on', () => {
  it.each(coreKinds.map((kind) => [kind.kind, kind] as const))('%s', (_, kind) => {
    const schema = schemaFor(kind.group, 'v1', kind.kind)!;
    const objects = fc.tuple(anyOf(schema, 0), anyOf(schema, 0));
    const run = ([first, second]: readonly unknown[]): void => {
      const decode = (json: unknown): any =>
        decodeJsonValue(schema, { ...(json as object), apiVersion: 'v1', kind: kind.kind }).object;
      const [object, old] = [decode(first), decode(second)];
      kind.defaults?.(object);
      kind.defaults?.(old);
      const defaulted = structuredClone(object);
      kind.defaults?.(defaulted);
      expect(defaulted, 'defaulted again').toEqual(object);
      kind.strategy?.prepareForCreate?.(old, CONTEXT);
      kind.strategy?.validate?.(old, CONTEXT).map(String);
      kind.strategy?.warnings?.(old, undefined, CONTEXT);
      for (const strategy of [kind.strategy, ...Object.values(kind.subresources ?? {}).map((each) => each.strategy)]) {
        for (const before of [old, object]) {
          const next = structuredClone(object);
          strategy?.prepareForUpdate?.(next, before, CONTEXT);
          strategy?.validateUpdate?.(next, before, CONTEXT).map(String);
          strategy?.warnings?.(next, before, CONTEXT);
        }
      }
      for (const column of kind.columns ?? []) column.cell(object, NOW);
      for (const field of Object.values(kind.strategy?.selectableFields ?? {})) field(object);
      kind.strategy?.gracePeriodSeconds?.(object, undefined);
    };
    fc.assert(fc.property(objects, run), { numRuns: 200 });
  });
});
