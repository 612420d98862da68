import type { Schema } from '@pilothouse/apimachinery';
import fc from 'fast-check';

/** What test objects are filled with: values that mean something somewhere, and values that are wrong everywhere. */
const WORDS = ['', 'a', 'Always', 'Limited', 'Exempt', 'Issued', '10.0.0.1', '/a/../b', '1Gi', 'example.com/x', '*'];
const KEYS = ['a', 'cpu', 'hugepages-2Mi', 'example.com/x', 'storage'];

const someOf = <T>(items: T[], max: number): fc.Arbitrary<T[]> =>
  fc.subarray(items, { minLength: Math.min(1, items.length), maxLength: Math.min(max, items.length) });

/** Any JSON that a schema lets pass: odd values, nulls, absent fields. For tests. */
export function arbitraryOf(schema: Schema, depth = 0): fc.Arbitrary<unknown> {
  switch (schema.type) {
    case 'object':
      // A few fields of each message, so that objects grow deep without growing large.
      return someOf([...schema.properties.values()], depth < 2 ? 6 : 3).chain((properties) => {
        const fields = properties.map(({ name, schema: field }) => [
          name,
          fc.option(arbitraryOf(field, depth + 1), { freq: 8 }),
        ]);
        return fc.record(Object.fromEntries(fields) as Record<string, fc.Arbitrary<unknown>>);
      });
    case 'list':
      return fc.array(arbitraryOf(schema.items, depth + 1), { maxLength: 3 });
    case 'map':
      return fc.dictionary(fc.constantFrom(...KEYS), arbitraryOf(schema.values, depth + 1), { maxKeys: 2 });
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
      return fc.constantFrom('', 'YQ==', 'LS0tLS1CRUdJTiBYLS0tLS0KWQ==');
    case 'string':
      return fc.constantFrom(...WORDS);
    case 'stringList':
      return fc.array(fc.constantFrom(...WORDS), { maxLength: 2 });
    default:
      return fc.constant({});
  }
}
