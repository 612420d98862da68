import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  isProtobuf,
  spliceResourceVersion,
  withResourceVersion,
  withoutResourceVersion,
} from './resource-version-field.ts';

/** The resourceVersion in the vectors. */
const WRITTEN = 'resourceVersionValue';
const VECTORS = new URL('../../../../shared/testdata/roundtrip/', import.meta.url);

/** Length-delimited field. */
function field(number: number, body: Buffer | string): Buffer {
  const bytes = Buffer.from(body);
  const length: number[] = [];
  for (let rest = bytes.length; ; rest >>>= 7) {
    length.push(rest > 127 ? (rest & 127) | 128 : rest);
    if (rest <= 127) break;
  }
  return Buffer.concat([Buffer.from([(number << 3) | 2, ...length]), bytes]);
}

function envelope(metadata: Buffer, spec: Buffer): Buffer {
  const raw = Buffer.concat([field(1, metadata), spec]);
  return Buffer.concat([Buffer.from('k8s\0'), field(1, field(1, 'v1')), field(2, raw), field(3, ''), field(4, '')]);
}

const before = Buffer.concat([field(1, 'web'), field(3, 'default'), field(5, 'uid')]);
const behind = field(12, field(1, 'label'));

describe('spliceResourceVersion', () => {
  it.each([
    ['an empty one', Buffer.concat([before, field(6, ''), behind])],
    ['another one', Buffer.concat([before, field(6, '123456789'), behind])],
    ['none', Buffer.concat([before, behind])],
  ])('replaces %s, at its place', (_, metadata) => {
    for (const spec of [field(2, 'x'), field(2, Buffer.alloc(127)), field(2, Buffer.alloc(20_000))]) {
      expect(spliceResourceVersion(envelope(metadata, spec), 987_654_321)).toEqual(
        envelope(Buffer.concat([before, field(6, '987654321'), behind]), spec),
      );
    }
  });

  it('grows lengths that take a byte more', () => {
    const fill = field(1, 'n'.repeat(118));
    const metadata = Buffer.concat([fill, field(6, '')]);
    expect(metadata.length).toBeLessThan(128);
    expect(spliceResourceVersion(envelope(metadata, Buffer.alloc(0)), 1_000_000_000)).toEqual(
      envelope(Buffer.concat([fill, field(6, '1000000000')]), Buffer.alloc(0)),
    );
  });

  it('leaves alone what it does not understand', () => {
    expect(spliceResourceVersion(Buffer.from('k8s\0'), 1)).toBeUndefined();
    expect(
      spliceResourceVersion(Buffer.concat([Buffer.from('k8s\0'), field(2, Buffer.from([0xff, 0xff]))]), 1),
    ).toBeUndefined();
  });

  it.skipIf(!existsSync(VECTORS))('changes nothing else in what Kubernetes wrote', () => {
    let checked = 0;
    for (const file of readdirSync(VECTORS).filter((name) => name.endsWith('.pb'))) {
      const bytes = readFileSync(new URL(file, VECTORS));
      const at = bytes.indexOf(WRITTEN);
      // These have no ObjectMeta, and are not stored.
      if (at < 0 || /\.(\w+Options|Status)\.pb$/.test(file)) continue;
      const spliced = spliceResourceVersion(bytes, 7)!;
      const tail = bytes.subarray(at + WRITTEN.length);
      expect(spliced.subarray(-tail.length - 3), file).toEqual(Buffer.concat([Buffer.from('2\u00017'), tail]));
      expect(spliceResourceVersion(spliced, 123_456), file).toEqual(spliceResourceVersion(bytes, 123_456));
      checked++;
    }
    expect(checked).toBeGreaterThan(20);
  });
});

describe('withResourceVersion', () => {
  const order = (metadata: object) => Object.keys(withResourceVersion({ metadata }, 5).metadata!);

  it('stands behind uid where fields are in declared order', () => {
    expect(order({ name: 'a', uid: 'u', creationTimestamp: null })).toEqual([
      'name',
      'uid',
      'resourceVersion',
      'creationTimestamp',
    ]);
  });

  it('stands before uid where fields are in alphabetical order', () => {
    expect(order({ creationTimestamp: null, name: 'a', uid: 'u' })).toEqual([
      'creationTimestamp',
      'name',
      'resourceVersion',
      'uid',
    ]);
  });

  it('copies only the changed path', () => {
    const object = { metadata: { name: 'a', resourceVersion: '4' }, spec: {} };
    const changed = withResourceVersion(object, 5) as typeof object;
    expect(changed).toEqual({ metadata: { name: 'a', resourceVersion: '5' }, spec: {} });
    expect(changed.spec).toBe(object.spec);
    expect(object.metadata.resourceVersion).toBe('4');
    expect(withoutResourceVersion(changed)).toEqual({ metadata: { name: 'a' }, spec: {} });
  });
});

it('tells Protobuf by its envelope', () => {
  expect(isProtobuf(Buffer.from('k8s\0abc'))).toBe(true);
  expect(isProtobuf(Buffer.from('{"kind":"Pod"}'))).toBe(false);
  expect(isProtobuf(Buffer.alloc(0))).toBe(false);
});
