import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeJsonValue } from '../codec/json.ts';
import { fieldPath } from '../validation/field-error.ts';
import type { ObjectSchema } from '../schema/schema.ts';
import type { JsonSchema } from './json-schema.ts';
import { validateListTypes } from './list-types.ts';
import { customResourceSchema } from './schema-from-json-schema.ts';
import { schemaFieldPath } from './schema-field-path.ts';
import { structuralViolations } from './structural-violations.ts';
import { ValueValidator } from './value-validator.ts';

const OBJECT_META: ObjectSchema = {
  type: 'object',
  name: 'k8s.io.apimachinery.pkg.apis.meta.v1.ObjectMeta',
  properties: new Map(
    ['name', 'namespace'].map((name) => [
      name,
      { name, schema: { type: 'string' }, pointer: false, always: false, required: false },
    ]),
  ),
};

const root = (spec: JsonSchema): JsonSchema => ({ type: 'object', properties: { spec } });
const pruned = (spec: JsonSchema, value: unknown) => {
  const { object, strictErrors } = decodeJsonValue(customResourceSchema(root(spec), OBJECT_META), {
    kind: 'K',
    spec: value,
  });
  return { spec: (object as { spec?: unknown }).spec, strictErrors };
};

describe('pruning', () => {
  it('drops what the schema does not know, at every depth, and says what', () => {
    const spec: JsonSchema = {
      type: 'object',
      properties: { list: { type: 'array', items: { type: 'object', properties: { a: { type: 'string' } } } } },
    };
    expect(pruned(spec, { list: [{ a: 'x', b: 1 }], c: 2 })).toEqual({
      spec: { list: [{ a: 'x' }] },
      strictErrors: ['unknown field "spec.c"', 'unknown field "spec.list[0].b"'],
    });
  });

  it('stops at preserve-unknown-fields, but goes on below the fields that are specified there', () => {
    const spec: JsonSchema = {
      type: 'object',
      'x-kubernetes-preserve-unknown-fields': true,
      properties: { known: { type: 'object', properties: { a: { type: 'string' } } } },
    };
    expect(pruned(spec, { known: { a: 'x', b: 1 }, other: { c: 2 } }).spec).toEqual({
      known: { a: 'x' },
      other: { c: 2 },
    });
  });

  it('empties objects below additionalProperties: true, and keeps maps by their schema', () => {
    expect(pruned({ type: 'object', additionalProperties: true }, { a: 1, b: { c: 1 } }).spec).toEqual({ a: 1, b: {} });
    expect(pruned({ type: 'object', additionalProperties: { type: 'string' } }, { a: 'x' }).spec).toEqual({ a: 'x' });
  });

  it('drops nulls where the schema does not allow them', () => {
    const spec: JsonSchema = {
      type: 'object',
      properties: { a: { type: 'string' }, b: { type: 'string', nullable: true } },
    };
    expect(pruned(spec, { a: null, b: null }).spec).toEqual({ b: null });
  });

  it('keeps kind, apiVersion and metadata of an embedded resource', () => {
    const spec: JsonSchema = {
      type: 'object',
      'x-kubernetes-embedded-resource': true,
      properties: { spec: { type: 'object' } },
    };
    const { spec: kept, strictErrors } = pruned(spec, {
      kind: 'Pod',
      apiVersion: 'v1',
      metadata: { name: 'a', nope: 1 },
      other: 1,
    });
    expect(kept).toEqual({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a' } });
    expect(strictErrors).toEqual(['unknown field "spec.metadata.nope"', 'unknown field "spec.other"']);
  });

  it('leaves any value in alphabetical order, unchanged otherwise, and is idempotent', () => {
    const schema = customResourceSchema({ type: 'object', 'x-kubernetes-preserve-unknown-fields': true }, OBJECT_META);
    const json = fc.dictionary(
      fc.string().filter((key) => !['kind', 'apiVersion', 'metadata'].includes(key)),
      // What JSON can say: it has no negative zero.
      fc.jsonValue().map((value): unknown => JSON.parse(JSON.stringify(value))),
    );
    fc.assert(
      fc.property(json, (value) => {
        const { object } = decodeJsonValue(schema, value);
        expect(object).toEqual(JSON.parse(JSON.stringify(value)));
        expect(JSON.stringify(decodeJsonValue(schema, object).object)).toBe(JSON.stringify(object));
        // JavaScript puts keys that are whole numbers first, whatever they are assigned.
        const keys = Object.keys(object).filter((key) => !/^\d+$/.test(key));
        expect(keys).toEqual([...keys].sort());
      }),
    );
  });
});

const errorsOf = (schema: JsonSchema, value: unknown) =>
  new ValueValidator(root(schema)).validate({ spec: value }).map(String);

describe('value validation', () => {
  it.each<[string, JsonSchema, unknown, string[]]>([
    [
      'type',
      { type: 'integer' },
      'x',
      ['spec: Invalid value: "string": spec in body must be of type integer: "string"'],
    ],
    ['null', { type: 'string' }, null, ['spec: Invalid value: "null": spec in body must be of type string: "null"']],
    ['an integer where a number may stand', { type: 'number' }, 1, []],
    [
      'a fraction where an integer must stand',
      { type: 'integer' },
      1.5,
      ['spec: Invalid value: "number": spec in body must be of type integer: "number"'],
    ],
    [
      'exclusive minimum',
      { type: 'integer', minimum: 1, exclusiveMinimum: true },
      1,
      ['spec: Invalid value: 1: spec in body should be greater than 1'],
    ],
    [
      'multipleOf',
      { type: 'integer', multipleOf: 5 },
      7,
      ['spec: Invalid value: 7: spec in body should be a multiple of 5'],
    ],
    [
      'minLength in characters',
      { type: 'string', minLength: 2 },
      '😀',
      ['spec: Invalid value: "😀": spec in body should be at least 2 chars long'],
    ],
    [
      'maxItems',
      { type: 'array', maxItems: 1, items: { type: 'string' } },
      ['a', 'b'],
      ['spec: Too many: 2: must have at most 1 item'],
    ],
    [
      'minItems',
      { type: 'array', minItems: 1, items: { type: 'string' } },
      [],
      ['spec: Invalid value: 0: spec in body should have at least 1 items'],
    ],
    [
      'minProperties',
      { type: 'object', minProperties: 1, additionalProperties: { type: 'string' } },
      {},
      ['spec: Invalid value: 0: spec in body should have at least 1 properties'],
    ],
    [
      'values of a map',
      { type: 'object', additionalProperties: { type: 'integer' } },
      { a: 'x' },
      ['spec.a: Invalid value: "string": spec.a in body must be of type integer: "string"'],
    ],
    [
      'anyOf',
      { type: 'integer', anyOf: [{ minimum: 5 }, { maximum: 1 }] },
      3,
      [
        '<nil>: Invalid value: "": "spec" must validate at least one schema (anyOf)',
        'spec: Invalid value: 3: spec in body should be greater than or equal to 5',
      ],
    ],
    [
      'not',
      { type: 'integer', not: { minimum: 5 } },
      6,
      ['<nil>: Invalid value: "": "spec" must not validate the schema (not)'],
    ],
    [
      'allOf',
      { type: 'integer', allOf: [{ minimum: 5 }, { maximum: 9 }] },
      3,
      [
        'spec: Invalid value: 3: spec in body should be greater than or equal to 5',
        '<nil>: Invalid value: "": "spec" must validate all the schemas (allOf)',
      ],
    ],
    [
      'oneOf with two that hold',
      { type: 'integer', oneOf: [{ minimum: 1 }, { minimum: 2 }] },
      3,
      ['<nil>: Invalid value: "": "spec" must validate one and only one schema (oneOf). Found 2 valid alternatives'],
    ],
    ['int-or-string', { 'x-kubernetes-int-or-string': true }, '50%', []],
    [
      'a number where a text with a format must stand',
      { type: 'string', format: 'date' },
      5,
      ['spec: Invalid value: "int64": spec in body must be of type date: "int64"'],
    ],
    [
      'a truth where an integer with a format must stand',
      { type: 'integer', format: 'int32' },
      true,
      ['spec: Invalid value: "": spec in body must be of type int32: ""'],
    ],
    ['a list where a text with a format must stand', { type: 'string', format: 'date' }, [], []],
    [
      'only the first fault of a text',
      { type: 'string', maxLength: 1, pattern: '^a' },
      'bb',
      ['spec: Too long: may not be more than 1 byte'],
    ],
    [
      'a fraction in the bound of an integer',
      { type: 'integer', maximum: 1.5 },
      2,
      ['spec: Invalid value: 2: spec in body should be less than or equal to 1'],
    ],
    [
      'large fractions as Go writes them',
      { type: 'number', maximum: 1.5 },
      1234567.5,
      ['spec: Invalid value: 1.2345675e+06: spec in body should be less than or equal to 1.5'],
    ],
    [
      'items before the length of their list, and an enumeration after both',
      { type: 'array', maxItems: 1, enum: ['x'], items: { type: 'string' } },
      [1, 'a'],
      [
        'spec[0]: Invalid value: "integer": spec[0] in body must be of type string: "integer"',
        'spec: Too many: 2: must have at most 1 item',
        'spec: Unsupported value: [1,"a"]: supported values: "x"',
      ],
    ],
    [
      'nothing inside of an object of the wrong size',
      { type: 'object', maxProperties: 0, properties: { a: { type: 'string' } } },
      { a: 1 },
      ['spec: Too many: 1: must have at most 0 items'],
    ],
    [
      'null in an enumeration, though it may stand there',
      { type: 'string', nullable: true, enum: ['a', null] },
      null,
      ['spec: Unsupported value: null: supported values: "a", "null"'],
    ],
    [
      'a union before the text itself',
      { type: 'string', maxLength: 1, anyOf: [{ pattern: '^a' }, { pattern: '^b', minLength: 9 }] },
      'cc',
      [
        '<nil>: Invalid value: "": "spec" must validate at least one schema (anyOf)',
        `spec: Invalid value: "cc": spec in body should match '^a'`,
        'spec: Too long: may not be more than 1 byte',
      ],
    ],
  ])('%s', (_what, schema, value, errors) => {
    expect(errorsOf(schema, value)).toEqual(errors);
  });

  it.each(['date-time', 'date', 'uri', 'ipv4', 'uuid', 'duration', 'byte', 'email'])(
    'knows the format %s',
    (format) => {
      expect(errorsOf({ type: 'string', format }, '\u0000 no')).toEqual([
        `spec: Invalid value: "\\x00 no": spec in body must be of type ${format}: "\\x00 no"`,
      ]);
    },
  );

  it('forgives an update what it does not touch, item by item in lists with keys', () => {
    const list: JsonSchema = {
      type: 'array',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['name'],
      items: { type: 'object', properties: { name: { type: 'string' }, size: { type: 'integer', maximum: 5 } } },
    };
    const validator = new ValueValidator(root(list));
    const old = {
      spec: [
        { name: 'a', size: 9 },
        { name: 'b', size: 1 },
      ],
    };
    const errors = validator.validateUpdate(
      {
        spec: [
          { name: 'b', size: 8 },
          { name: 'a', size: 9 },
        ],
      },
      old,
    );
    expect(errors.map((error) => error.field)).toEqual(['spec[0].size']);
  });
});

it('the place of a part is in the field of its errors and not in their words', () => {
  const validator = new ValueValidator({ type: 'object', properties: { size: { type: 'integer' } } });
  expect(validator.validate({ size: 'x' }, fieldPath('status')).map(String)).toEqual([
    'status.size: Invalid value: "string": size in body must be of type integer: "string"',
  ]);
  expect(validator.validate('x', fieldPath('status')).map(String)).toEqual([
    'status: Invalid value: "string":  in body must be of type object: "string"',
  ]);
});

describe('a structural schema', () => {
  const violations = (schema: JsonSchema) => structuralViolations(schema, fieldPath('s')).map(String);

  it('may have int-or-string in either of its two forms', () => {
    const either = [{ type: 'integer' }, { type: 'string' }];
    expect(violations(root({ 'x-kubernetes-int-or-string': true, anyOf: either }))).toEqual([]);
    expect(
      violations(root({ 'x-kubernetes-int-or-string': true, allOf: [{ anyOf: either }, { pattern: 'a' }] })),
    ).toEqual([]);
  });

  it('has a type everywhere, items in arrays, and no additionalProperties at the root', () => {
    expect(violations({ type: 'object', additionalProperties: { type: 'string' } })).toEqual([
      's.additionalProperties: Forbidden: must not be used at the root',
    ]);
    expect(violations(root({ type: 'array' }))).toEqual([
      's.properties[spec].items: Required value: must be specified',
    ]);
    expect(violations(root({ type: 'array', items: {} }))).toEqual([
      's.properties[spec].items.type: Required value: must not be empty for specified array items',
    ]);
  });
});

it('duplicates in sets and keyed lists are found once each', () => {
  const schema = customResourceSchema(
    root({ type: 'array', 'x-kubernetes-list-type': 'set', items: { type: 'string' } }),
    OBJECT_META,
  );
  expect(validateListTypes(schema, { spec: ['a', 'b', 'a', 'a'] }).map(String)).toEqual([
    'spec[2]: Duplicate value: "a"',
  ]);
});

it('paths are followed through a schema', () => {
  const schema = root({
    type: 'object',
    properties: { labels: { type: 'object', additionalProperties: { type: 'string' } } },
  });
  expect(schemaFieldPath(".spec.labels['a/b']", schema)).toMatchObject({
    path: ['spec', 'labels', 'a/b'],
    text: 'spec.labels[a/b]',
    schema: { type: 'string' },
  });
  expect(schemaFieldPath('.spec.nope', schema)).toEqual({ error: 'does not refer to a valid field' });
  expect(schemaFieldPath(".spec.labels['a']", schema, { arrayNotation: false })).toEqual({
    error: 'array notation is not allowed',
  });
});
