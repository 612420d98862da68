import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ObjectSchema, Property, Schema } from '../schema/schema.ts';
import { createCodec } from './codec.ts';
import { JsonDecodeError, MAX_JSON_DEPTH } from './json.ts';

const property = (name: string, schema: Schema, flags: Partial<Property> = {}): [string, Property] => [
  name,
  { name, schema, pointer: false, always: false, required: false, ...flags },
];

function message(name: string, properties: [string, Property][], more: Partial<ObjectSchema> = {}): ObjectSchema {
  const map = new Map(properties);
  const wire = [...map.values()].map((each, at) => ({ number: at + 1, property: each }));
  return { type: 'object', name: `k8s.io.test.v1.${name}`, properties: map, wire, ...more };
}

const string: Schema = { type: 'string' };
const int32: Schema = { type: 'integer', format: 'int32' };

const port = message('Port', [property('port', int32, { always: true }), property('name', string)]);
const spec = message('WidgetSpec', [
  property('replicas', int32, { pointer: true }),
  property('size', int32),
  property('ports', { type: 'list', items: port, listType: 'map', listMapKeys: ['port'] }),
  property('labels', { type: 'map', values: string, mapType: 'granular' }),
  property('limit', { type: 'quantity' }, { pointer: true }),
  property('target', { type: 'intOrString' }, { pointer: true }),
  property('since', { type: 'time' }),
  property('data', { type: 'map', values: { type: 'bytes' }, mapType: 'granular' }),
  property('raw', { type: 'rawExtension' }, { pointer: true }),
]);
const widget = message('Widget', [property('spec', spec)], { hasTypeMeta: true });
const codec = createCodec(widget);
const decode = (value: unknown) => codec.decodeJson(JSON.stringify(value));

describe('decoding JSON to normal form', () => {
  test('properties stand in declared order, whatever the order of the text', () => {
    const { object } = codec.decodeJson(
      '{"spec":{"labels":{"b":"2","a":"1"},"size":3,"replicas":0},"apiVersion":"v1","kind":"Widget"}',
    );
    expect(JSON.stringify(object)).toBe(
      '{"kind":"Widget","apiVersion":"v1","spec":{"replicas":0,"size":3,"labels":{"a":"1","b":"2"},"since":null}}',
    );
  });

  test.each([
    ['a zero that is not a pointer is left out', { size: 0 }, { since: null }],
    ['a zero behind a pointer stays', { replicas: 0 }, { replicas: 0, since: null }],
    ['empty lists and maps are left out', { ports: [], labels: {} }, { since: null }],
    ['null is the same as absent', { size: null, ports: null }, { since: null }],
    [
      'what is always printed is filled in',
      { ports: [{ name: 'a' }] },
      { ports: [{ port: 0, name: 'a' }], since: null },
    ],
    ['quantities are made canonical', { limit: '0.5' }, { limit: '500m', since: null }],
    ['times are brought to UTC', { since: '2026-01-02T03:04:05+02:00' }, { since: '2026-01-02T01:04:05Z' }],
    ['raw JSON is kept as it is', { raw: { z: 1, a: [null] } }, { since: null, raw: { z: 1, a: [null] } }],
  ])('%s', (_, given, expected) => {
    expect(decode({ spec: given }).object).toEqual({ spec: expected });
  });

  test('unknown and duplicate fields are named by their path', () => {
    const { strictErrors } = codec.decodeJson(
      '{"spec":{"size":1,"size":2,"ports":[{"port":1,"colour":"red"}]},"extra":1}',
    );
    expect(strictErrors).toEqual([
      'duplicate field "spec.size"',
      'unknown field "spec.ports[0].colour"',
      'unknown field "extra"',
    ]);
  });

  test('__proto__ and constructor are keys like any other', () => {
    const { object } = codec.decodeJson('{"spec":{"labels":{"__proto__":"x","constructor":"y"}}}');
    const { labels } = (object as { spec: { labels: object } }).spec;
    expect(Object.keys(labels).sort()).toEqual(['__proto__', 'constructor']);
    expect(Object.getPrototypeOf(labels)).toBe(Object.prototype);
    expect(codec.decodeJson('{"__proto__":{"spec":{}}}').strictErrors).toEqual(['unknown field "__proto__"']);
  });

  test.each([
    ['{"spec":{"size":"3"}}', 'json: cannot unmarshal string into Go struct field WidgetSpec.spec.size of type int32'],
    [
      '{"spec":{"size":1.5}}',
      'json: cannot unmarshal number 1.5 into Go struct field WidgetSpec.spec.size of type int32',
    ],
    [
      '{"spec":{"size":4294967296}}',
      'json: cannot unmarshal number 4294967296 into Go struct field WidgetSpec.spec.size of type int32',
    ],
    ['{"spec":[]}', 'json: cannot unmarshal array into Go struct field Widget.spec of type v1.WidgetSpec'],
    [
      '{"spec":{"labels":{"a":1}}}',
      'json: cannot unmarshal number into Go struct field WidgetSpec.spec.labels of type string',
    ],
    [
      '{"spec":{"ports":{}}}',
      'json: cannot unmarshal object into Go struct field WidgetSpec.spec.ports of type []v1.Port',
    ],
    ['{"spec":{"since":5}}', 'json: cannot unmarshal number into Go struct field WidgetSpec.spec.since of type string'],
    [
      '{"spec":{"target":true}}',
      'json: cannot unmarshal bool into Go struct field WidgetSpec.spec.target of type int32',
    ],
    ['[]', 'json: cannot unmarshal array into Go value of type Widget'],
    ['{"spec":', 'unexpected end of JSON input'],
    ['', 'unexpected end of JSON input'],
    ['{"a":1,}', "invalid character '}' looking for beginning of object key string"],
    ['{"a" 1}', "invalid character '1' after object key"],
    ['{"a":1 2}', "invalid character '2' after object key:value pair"],
    ['{"a":[1 2]}', "invalid character '2' after array element"],
    ['{} x', "invalid character 'x' after top-level value"],
    ['{"a":x}', "invalid character 'x' looking for beginning of value"],
    ['{"spec":{"limit":"1Zi"}}', 'quantities must match the regular expression'],
    ['{"spec":{"since":"yesterday"}}', 'parsing time "yesterday"'],
    ['{"spec":{"data":{"a":"*"}}}', 'illegal base64 data at input byte 0'],
  ])('%s is refused as Go refuses it', (text, text2) => {
    expect(() => codec.decodeJson(text)).toThrow(JsonDecodeError);
    expect(() => codec.decodeJson(text)).toThrow(text2);
  });

  test('nesting deeper than any object is refused, not crashed on', () => {
    for (const depth of [MAX_JSON_DEPTH + 1, 1_000_000]) {
      const text = `{"spec":{"raw":${'['.repeat(depth)}${']'.repeat(depth)}}}`;
      expect(() => codec.decodeJson(text)).toThrow(JsonDecodeError);
    }
  });
});

const key = fc.stringMatching(/^[a-z]{1,8}$/);
const widgets = fc.record({
  kind: fc.constant('Widget'),
  apiVersion: fc.constant('test/v1'),
  spec: fc.record(
    {
      replicas: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
      size: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
      ports: fc.array(fc.record({ port: fc.nat(65_535), name: fc.string({ unit: 'grapheme', maxLength: 80 }) }), {
        maxLength: 4,
      }),
      labels: fc.dictionary(fc.oneof(key, fc.constant('__proto__')), fc.string({ unit: 'grapheme' }), { maxKeys: 4 }),
      limit: fc.nat(10 ** 9).map(String),
      target: fc.oneof(fc.nat(65_535), key),
      since: fc
        .date({ min: new Date(0), max: new Date('2200-01-01'), noInvalidDate: true })
        .map((date) => `${date.toISOString().slice(0, 19)}Z`),
      data: fc.dictionary(
        key,
        fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes).toString('base64')),
        { maxKeys: 3 },
      ),
      raw: fc.dictionary(key, fc.jsonValue(), { maxKeys: 3 }),
    },
    { requiredKeys: [] },
  ),
});

describe('both encodings', () => {
  test('an object in normal form survives JSON and Protobuf', () => {
    fc.assert(
      fc.property(widgets, (given) => {
        const { object, strictErrors } = codec.decodeJson(JSON.stringify(given));
        expect(strictErrors).toEqual([]);
        expect(codec.decodeJson(codec.encodeJson(object).toString()).object).toEqual(object);
        const bytes = codec.encodeProtobuf(object);
        expect(codec.decodeProtobuf(bytes)).toEqual(object);
        expect(codec.encodeProtobuf(codec.decodeProtobuf(bytes)).equals(bytes)).toBe(true);
      }),
    );
  });

  test('truncated or scribbled Protobuf is an error of the client, never a crash', () => {
    fc.assert(
      fc.property(widgets, fc.nat(), fc.uint8Array({ minLength: 1, maxLength: 4 }), (given, at, junk) => {
        const bytes = codec.encodeProtobuf(codec.decodeJson(JSON.stringify(given)).object);
        const cut = bytes.subarray(0, at % bytes.length);
        const scribbled = Buffer.from(bytes);
        scribbled.set(
          junk.subarray(0, Math.min(junk.length, bytes.length)),
          at % Math.max(1, bytes.length - junk.length),
        );
        for (const broken of [cut, scribbled]) {
          try {
            codec.decodeProtobuf(broken);
          } catch (error) {
            expect((error as { code?: number }).code).toBe(400);
          }
        }
      }),
      { numRuns: 500 },
    );
  });

  test('unknown Protobuf fields are skipped', () => {
    const bytes = codec.encodeProtobuf({ kind: 'Widget', apiVersion: 'v1', spec: { size: 1 } } as object);
    const larger = createCodec(
      message('Widget', [property('spec', spec), property('more', string), property('count', int32)], {
        hasTypeMeta: true,
      }),
    );
    const withMore = larger.encodeProtobuf({
      kind: 'Widget',
      apiVersion: 'v1',
      spec: { size: 1 },
      more: 'x',
      count: 7,
    } as object);
    expect(codec.decodeProtobuf(withMore)).toEqual(codec.decodeProtobuf(bytes));
  });
});
