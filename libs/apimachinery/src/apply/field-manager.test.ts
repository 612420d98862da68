import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deepEqual } from '../deep/deep-equal.ts';
import { isJsonObject } from '../deep/own-property.ts';
import { StatusError } from '../errors/status-error.ts';
import type { KubeObject } from '../meta/object.ts';
import type { ListSchema, ObjectSchema, Property, Schema } from '../schema/schema.ts';
import { FieldManager } from './field-manager.ts';
import { FieldSet } from './field-set.ts';
import { fieldsOf, namedFieldsOf } from './fields-of.ts';
import { decodeManagedFields, managerKey } from './managed-fields.ts';
import { extractItems } from './remove-items.ts';

const text: Schema = { type: 'string' };
const property = (name: string, schema: Schema, more: Partial<Property> = {}): Property => ({
  name,
  schema,
  pointer: false,
  always: false,
  required: false,
  ...more,
});
const object = (...properties: Property[]): ObjectSchema => ({
  type: 'object',
  properties: new Map(properties.map((each) => [each.name, each])),
});
const list = (items: Schema, listType: ListSchema['listType'], ...listMapKeys: string[]): ListSchema => ({
  type: 'list',
  items,
  listType,
  listMapKeys,
});
const map = (values: Schema, mapType: 'granular' | 'atomic' = 'granular'): Schema => ({ type: 'map', values, mapType });

const port = object(
  property('port', { type: 'integer' }),
  property('protocol', text, { default: 'TCP' }),
  property('name', text),
);
const item = object(
  property('name', text),
  property('x', text),
  property('y', text),
  property('tags', list(text, 'set')),
);
const spec = object(
  property('a', text),
  property('b', text),
  property('pair', object(property('x', text), property('y', text))),
  property('whole', object(property('x', text), property('y', text)), { structType: 'atomic' }),
  property('map', map(text)),
  property('unit', map(text, 'atomic')),
  property('set', list(text, 'set')),
  property('order', list(text, 'atomic')),
  property('items', list(item, 'map', 'name')),
  property('ports', list(port, 'map', 'port', 'protocol')),
  property('free', { type: 'any' }),
);
const thing: ObjectSchema = {
  ...object(
    property(
      'metadata',
      object(
        property('name', text),
        property('uid', text),
        property('labels', map(text)),
        property('managedFields', list({ type: 'any' }, 'atomic')),
      ),
    ),
    property('spec', spec),
  ),
  hasTypeMeta: true,
};

const kinds = {
  schemaFor: (version: string) => (version === 'example.com/v1' ? thing : undefined),
  convert: (each: KubeObject) => each,
};
const head = { apiVersion: 'example.com/v1', kind: 'Thing' };
const manager = new FieldManager({ ...kinds, ...head, emptyObject: { ...head } });
const now = new Date('2026-01-01T00:00:00Z');
const config = (fields: object, labels?: object): any => ({
  ...head,
  metadata: { name: 't', ...(labels ? { labels } : {}) },
  spec: fields,
});
const apply = (live: any, fields: object, who: string, force = false): any =>
  manager.apply(live, config(fields), who, force, now);
const owned = (live: any, who: string): FieldSet => {
  const key = managerKey({ name: who, operation: 'Apply', apiVersion: '', subresource: '' });
  return decodeManagedFields(live.metadata.managedFields ?? []).get(key)?.fields ?? new FieldSet();
};

describe('lists and maps', () => {
  it('an atomic value is replaced, and conflicts, as a whole', () => {
    const live = apply(undefined, { order: ['a'], unit: { k: '1' }, whole: { x: '1' } }, 'one');
    expect(() => apply(live, { order: ['a', 'b'] }, 'two')).toThrow('conflict with "one": .spec.order');
    expect(() => apply(live, { unit: { z: '1' } }, 'two')).toThrow('conflict with "one": .spec.unit');
    expect(() => apply(live, { whole: { y: '1' } }, 'two')).toThrow('conflict with "one": .spec.whole');
    expect(apply(live, { whole: { y: '1' } }, 'one').spec).toEqual({ whole: { y: '1' } });
  });

  it('sets take and lose single items', () => {
    const live = apply(apply(undefined, { set: ['a', 'b'] }, 'one'), { set: ['c', 'a'] }, 'two');
    expect(live.spec.set).toEqual(['c', 'a', 'b']);
    expect(apply(live, { set: ['b'] }, 'one').spec.set).toEqual(['c', 'a', 'b']);
    expect(apply(live, { set: [] }, 'two').spec.set).toEqual(['a', 'b']);
  });

  it('items by key merge, and go when their only applier drops them', () => {
    const live = apply(
      apply(undefined, { items: [{ name: 'n', x: '1' }] }, 'one'),
      { items: [{ name: 'n', y: '2' }, { name: 'm' }] },
      'two',
    );
    expect(live.spec.items).toEqual([{ name: 'n', x: '1', y: '2' }, { name: 'm' }]);
    expect(apply(live, {}, 'two').spec.items).toEqual([{ name: 'n', x: '1' }]);
    expect(apply(apply(live, {}, 'two'), {}, 'one').spec?.items).toBeUndefined();
  });

  it('the order is the applied one, and what only the live list has keeps its place', () => {
    const names = (live: any) => live.spec.items.map((each: { name: string }) => each.name).join('');
    const live = apply(undefined, { items: ['a', 'b', 'c', 'd'].map((name) => ({ name })) }, 'one');
    const reordered = apply(live, { items: ['d', 'b'].map((name) => ({ name })) }, 'two');
    expect(names(reordered)).toBe('acdb');
    expect(names(apply(live, { items: ['x', 'c'].map((name) => ({ name })) }, 'two'))).toBe('abxcd');
  });

  it('a key may be left to its default', () => {
    const live = apply(
      undefined,
      {
        ports: [
          { port: 80, protocol: 'TCP', name: 'web' },
          { port: 80, protocol: 'UDP' },
        ],
      },
      'one',
    );
    expect(() => apply(live, { ports: [{ port: 80, name: 'other' }] }, 'two')).toThrow(
      'conflict with "one": .spec.ports[port=80,protocol="TCP"].name',
    );
    expect(apply(live, { ports: [{ port: 80, name: 'web' }] }, 'two').spec.ports).toHaveLength(2);
    expect(() => apply(undefined, { ports: [{ port: 80 }, { port: 80, protocol: 'TCP' }] }, 'one')).toThrow(
      '.spec.ports: duplicate entries for key [port=80,protocol="TCP"]',
    );
  });

  it('duplicates that were there before do not stand in the way', () => {
    const live = {
      ...head,
      metadata: { name: 't', uid: 'u' },
      spec: {
        items: [
          { name: 'n', x: '1' },
          { name: 'n', x: '2' },
        ],
        a: '1',
      },
    };
    const applied = apply(live, { b: '1' }, 'one');
    expect(applied.spec.items).toHaveLength(2);
    expect(apply(applied, { items: [{ name: 'n', x: '3' }] }, 'one', true).spec.items).toEqual([{ name: 'n', x: '3' }]);
  });

  it('what has no schema is granular in maps and whole in lists', () => {
    const live = apply(undefined, { free: { deep: { x: 1, y: [1, 2] } } }, 'one');
    const both = apply(live, { free: { deep: { z: 1 }, other: true } }, 'two');
    expect(both.spec.free).toEqual({ deep: { x: 1, y: [1, 2], z: 1 }, other: true });
    expect(() => apply(both, { free: { deep: { y: [1] } } }, 'two')).toThrow('conflict with "one": .spec.free.deep.y');
  });

  it('keeps what nobody manages', () => {
    const live: any = apply(undefined, { map: { mine: '1' }, pair: { x: '1' } }, 'one');
    const edited = {
      ...live,
      metadata: { ...live.metadata, uid: 'u' },
      spec: { ...live.spec, map: { mine: '1', loose: '2' } },
    };
    expect(apply(edited, { a: '1' }, 'one').spec).toEqual({ a: '1' });
    const partly = { ...edited, spec: { ...edited.spec, items: [{ name: 'loose' }] } };
    expect(apply(partly, { map: { mine: '1' } }, 'one').spec).toEqual({
      map: { mine: '1', loose: '2' },
      items: [{ name: 'loose' }],
    });
  });
});

describe('versions', () => {
  const twoVersions = (served: string[]) =>
    new FieldManager({
      ...head,
      emptyObject: { ...head },
      schemaFor: (version) => (served.includes(version) ? thing : undefined),
      convert: (each, apiVersion) => {
        const { a, b, ...rest } = (each as any).spec ?? {};
        return {
          ...each,
          apiVersion,
          spec: { ...rest, ...(a === undefined ? {} : { b: a }), ...(b === undefined ? {} : { a: b }) },
        } as KubeObject;
      },
    });

  it('conflicts are found in the other manager’s own version', () => {
    const live = apply(undefined, { a: '1' }, 'one');
    const [entry] = live.metadata.managedFields;
    const older = { ...entry, apiVersion: 'example.com/v0', fieldsV1: { 'f:spec': { 'f:b': {} } } };
    const mixed = { ...live, metadata: { ...live.metadata, managedFields: [older] } };
    const both = twoVersions(['example.com/v1', 'example.com/v0']);
    expect(() => both.apply(mixed, config({ a: '2' }), 'two', false, now)).toThrow('conflict with "one": .spec.b');
    // In a version that is no longer served nobody manages anything.
    const only = twoVersions(['example.com/v1']).apply(mixed, config({ a: '2' }), 'two', false, now);
    expect(only.metadata?.managedFields?.map((each) => each.manager)).toEqual(['two']);
  });
});

describe('a schema that changed since the fields were written', () => {
  it('owners of items own what became atomic, and owners of the whole its items', () => {
    const live: any = apply(undefined, { map: { k: '1' }, order: ['x'], a: '1' }, 'one');
    const changed: ObjectSchema = {
      ...thing,
      properties: new Map(thing.properties).set(
        'spec',
        property('spec', {
          ...spec,
          properties: new Map(spec.properties)
            .set('map', property('map', map(text, 'atomic')))
            .set('order', property('order', list(text, 'set'))),
        }),
      ),
    };
    const next = new FieldManager({ ...kinds, ...head, emptyObject: { ...head }, schemaFor: () => changed });
    const applied: any = next.apply(live, config({ b: '1' }), 'two', false, now);
    const fields = applied.metadata.managedFields.find((each: { manager: string }) => each.manager === 'one').fieldsV1;
    expect(fields).toEqual({ 'f:spec': { 'f:a': {}, 'f:map': {}, 'f:order': { '.': {}, 'v:"x"': {} } } });
  });
});

const value = fc.constantFrom('1', '2', '3');
const names = fc.uniqueArray(fc.constantFrom('n', 'm', 'o'), { maxLength: 3 });
const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const fields = fc
  .record({
    a: optional(value),
    b: optional(value),
    pair: optional(fc.record({ x: value, y: value }, { requiredKeys: [] })),
    whole: optional(fc.record({ x: value, y: value }, { requiredKeys: [] })),
    map: optional(fc.dictionary(fc.constantFrom('k', 'l', '__proto__', 'constructor'), value)),
    set: optional(fc.uniqueArray(value)),
    order: optional(fc.array(value, { maxLength: 3 })),
    items: optional(
      names.chain((list) =>
        fc.tuple(
          ...list.map((name) =>
            fc
              .record({ x: value, y: value, tags: fc.uniqueArray(value) }, { requiredKeys: [] })
              .map((each) => ({ name, ...each })),
          ),
        ),
      ),
    ),
    free: optional(
      fc.dictionary(fc.constantFrom('p', 'q'), fc.oneof(value, fc.dictionary(fc.constantFrom('r'), value))),
    ),
  })
  .map((record) => JSON.parse(JSON.stringify(record)) as Record<string, unknown>);

/** Lists that merge have no order of their own among those who apply to them. */
const unordered = (each: unknown): unknown => {
  if (Array.isArray(each)) return each.map(unordered).sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  if (!isJsonObject(each)) return each;
  return Object.fromEntries(
    Object.keys(each)
      .sort()
      .map((key) => [key, unordered(each[key])]),
  );
};

describe('properties', () => {
  const steps = fc.array(fc.tuple(fc.constantFrom('one', 'two', 'three'), fields, fc.boolean()), {
    minLength: 1,
    maxLength: 5,
  });
  const run = (list: readonly [string, Record<string, unknown>, boolean][]) => {
    let live: any;
    for (const [who, wanted, force] of list) {
      try {
        live = apply(live, wanted, who, force);
      } catch (error) {
        if (!(error instanceof StatusError) || error.code !== 409) throw error;
      }
    }
    return live;
  };

  it('applying the same again changes nothing', () => {
    fc.assert(
      fc.property(steps, fields, (list, wanted) => {
        const once = apply(run(list), wanted, 'one', true);
        expect(deepEqual(apply(once, wanted, 'one', false), once)).toBe(true);
      }),
    );
  });

  it('what was applied is there', () => {
    fc.assert(
      fc.property(steps, fields, (list, wanted) => {
        const live = apply(run(list), wanted, 'one', true);
        const applied = fieldsOf(thing, config(wanted));
        const seen = namedFieldsOf(thing, live);
        expect([...applied.difference(seen).paths()]).toEqual([]);
        const mine = owned(live, 'one');
        const part = extractItems(thing, live, mine);
        expect(unordered((part as any)?.spec ?? {})).toEqual(
          unordered((extractItems(thing, config(wanted), mine) as any)?.spec ?? {}),
        );
      }),
    );
  });

  it('an apply without force takes nothing from others, neither value nor ownership', () => {
    fc.assert(
      fc.property(steps, fields, (list, wanted) => {
        const before = run(list);
        if (before === undefined) return;
        let after: any;
        try {
          after = apply(before, wanted, 'one', false);
        } catch {
          return;
        }
        for (const other of ['two', 'three']) {
          const set = owned(before, other);
          expect(owned(after, other).equals(set)).toBe(true);
          expect(unordered(extractItems(thing, after, set))).toEqual(unordered(extractItems(thing, before, set)));
        }
      }),
    );
  });

  it('managers with nothing in common may apply in any order', () => {
    const half = (wanted: Record<string, unknown>, keys: string[]) =>
      Object.fromEntries(Object.entries(wanted).filter(([key]) => keys.includes(key)));
    fc.assert(
      fc.property(fields, fields, (first, second) => {
        const one = half(first, ['a', 'pair', 'items', 'set']);
        const two = half(second, ['b', 'whole', 'map', 'order', 'free']);
        const forth = apply(apply(undefined, one, 'one'), two, 'two');
        const back = apply(apply(undefined, two, 'two'), one, 'one');
        expect(deepEqual(forth.spec, back.spec)).toBe(true);
        for (const who of ['one', 'two']) expect(owned(forth, who).equals(owned(back, who))).toBe(true);
      }),
    );
  });

  it('giving up and applying again leads to the same object', () => {
    fc.assert(
      fc.property(fields, (wanted) => {
        const once = apply(undefined, wanted, 'one');
        const again = apply(apply(once, {}, 'one'), wanted, 'one');
        expect(unordered(again.spec)).toEqual(unordered(once.spec));
      }),
    );
  });

  it('an update owns exactly what it changed', () => {
    fc.assert(
      fc.property(fields, fields, (first, second) => {
        const created: any = manager.update(undefined, config(first), 'one', now);
        const live = { ...created, metadata: { ...created.metadata, uid: 'u' } };
        const next = { ...live, spec: second };
        const updated: any = manager.update(live, next, 'two', now);
        const managers = [...decodeManagedFields(updated.metadata.managedFields ?? []).values()];
        const all = managers.reduce((set, each) => set.union(each.fields), new FieldSet());
        // Nobody owns a field that is gone, and no field has two owners among those who do not apply.
        const present = fieldsOf(thing, updated);
        const structs = fieldsOf(thing, updated).union(all);
        expect(
          structs.difference(present).isEmpty ||
            [...all.difference(present).paths()].every((path) => !present.has(path)),
        ).toBe(true);
        if (managers.length === 2) expect(managers[0]!.fields.intersection(managers[1]!.fields).isEmpty).toBe(true);
      }),
    );
  });
});
