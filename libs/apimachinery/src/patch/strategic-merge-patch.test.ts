import fc from 'fast-check';
import { expect, it } from 'vitest';
import { deepClone } from '../deep/deep-clone.ts';
import { deepEqual } from '../deep/deep-equal.ts';
import { isJsonObject } from '../deep/own-property.ts';
import type { ObjectSchema, Property, Schema } from '../schema/schema.ts';
import { applyStrategicMergePatch } from './strategic-merge-patch.ts';
import { fieldMerge } from './strategic-schema.ts';

type JsonObject = Record<string, unknown>;

const text: Schema = { type: 'string' };
const list = (items: Schema): Schema => ({ type: 'list', items, listType: 'atomic', listMapKeys: [] });
const property = (name: string, schema: Schema, patchStrategy?: string, patchMergeKey?: string): Property => ({
  name,
  schema,
  pointer: false,
  always: false,
  required: false,
  ...(patchStrategy ? { patchStrategy } : {}),
  ...(patchMergeKey ? { patchMergeKey } : {}),
});
const object = (...properties: Property[]): ObjectSchema => ({
  type: 'object',
  name: 'example.Thing',
  properties: new Map(properties.map((each) => [each.name, each])),
});

const setting = object(property('name', text), property('value', text));
const part = object(
  property('name', text),
  property('image', text),
  property('args', list(text)),
  property('settings', list(setting), 'merge', 'name'),
);
const thing = object(
  property('labels', { type: 'map', values: text, mapType: 'granular' }),
  property('parts', list(part), 'merge', 'name'),
  property('tags', list(text), 'merge'),
  property('plain', object(property('a', text), property('b', text))),
  property('swapped', object(property('a', text), property('b', text)), 'replace'),
);

/** A patch that leads from one object to the other, as kubectl computes it. */
function diff(schema: Schema | undefined, from: JsonObject, to: JsonObject): JsonObject {
  const patch: JsonObject = {};
  for (const key of Object.keys(from)) if (!Object.hasOwn(to, key)) patch[key] = null;
  for (const key of Object.keys(to)) {
    const [a, b] = [from[key], to[key]];
    if (!Object.hasOwn(from, key)) patch[key] = b;
    else if (deepEqual(a, b)) continue;
    else if (isJsonObject(a) && isJsonObject(b)) {
      const { schema: field, strategy } = fieldMerge(schema, key);
      patch[key] = strategy === 'replace' ? b : diff(field, a, b);
    } else if (Array.isArray(a) && Array.isArray(b) && fieldMerge(schema, key).strategy === 'merge') {
      Object.assign(patch, diffLists(schema, key, a, b));
    } else patch[key] = b;
  }
  return patch;
}

function diffLists(schema: Schema | undefined, key: string, from: unknown[], to: unknown[]): JsonObject {
  const { schema: field, mergeKey } = fieldMerge(schema, key);
  if (mergeKey === '') {
    const [added, removed] = [to.filter((item) => !from.includes(item)), from.filter((item) => !to.includes(item))];
    return {
      ...(added.length ? { [key]: added } : {}),
      ...(removed.length ? { [`$deleteFromPrimitiveList/${key}`]: removed } : {}),
      [`$setElementOrder/${key}`]: to,
    };
  }
  const items = field?.type === 'list' ? field.items : undefined;
  const changes: JsonObject[] = [];
  for (const item of to as JsonObject[]) {
    const before = (from as JsonObject[]).find((each) => each[mergeKey] === item[mergeKey]);
    if (before === undefined) changes.push(item);
    else if (!deepEqual(before, item)) changes.push({ ...diff(items, before, item), [mergeKey]: item[mergeKey] });
  }
  for (const item of from as JsonObject[]) {
    if (!(to as JsonObject[]).some((each) => each[mergeKey] === item[mergeKey])) {
      changes.push({ $patch: 'delete', [mergeKey]: item[mergeKey] });
    }
  }
  const order = (to as JsonObject[]).map((item) => ({ [mergeKey]: item[mergeKey] }));
  return { ...(changes.length ? { [key]: changes } : {}), [`$setElementOrder/${key}`]: order };
}

const value = fc.constantFrom('1', '2', '3');
const names = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 4 });
const named = (fields: fc.Arbitrary<object>) =>
  names.chain((each) => fc.tuple(...each.map((name) => fields.map((more) => ({ name, ...more })))));
const pair = fc.record({ a: value, b: value }, { requiredKeys: [] });
const anything = fc
  .record(
    {
      labels: fc.dictionary(fc.constantFrom('x', 'y', 'constructor'), value),
      parts: named(
        fc.record(
          {
            image: value,
            args: fc.array(value, { maxLength: 3 }),
            settings: named(fc.record({ value }, { requiredKeys: [] })),
          },
          { requiredKeys: [] },
        ),
      ),
      tags: fc.uniqueArray(value),
      plain: pair,
      swapped: pair,
    },
    { requiredKeys: [] },
  )
  .map((record) => JSON.parse(JSON.stringify(record)) as JsonObject);

it('a computed difference leads from one object to the other, order included', () => {
  fc.assert(
    fc.property(anything, anything, (from, to) => {
      const before = deepClone(from);
      expect(applyStrategicMergePatch(thing, from, diff(thing, from, to))).toEqual(to);
      expect(from).toEqual(before);
    }),
    { numRuns: 300 },
  );
});

it('the empty patch changes nothing', () => {
  fc.assert(fc.property(anything, (each) => deepEqual(applyStrategicMergePatch(thing, each, {}), each)));
});

it('applying the same patch again changes nothing', () => {
  fc.assert(
    fc.property(anything, anything, (from, patch) => {
      const once = applyStrategicMergePatch(thing, from, patch);
      expect(applyStrategicMergePatch(thing, once, patch)).toEqual(once);
    }),
  );
});

it('says which struct does not have a field that both sides have', () => {
  const both = { plain: { nested: { x: 1 } } };
  expect(() => applyStrategicMergePatch(thing, both, { plain: { nested: { y: 1 } } })).toThrow(
    'unable to find api field in struct Thing for the json field "nested"',
  );
});
