import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FieldSet } from './field-set.ts';
import { decodeFieldsV1, encodeFieldsV1 } from './fields-v1.ts';
import { formatFieldPath, keyElement, type PathElement, valueElement } from './path-element.ts';

const element: fc.Arbitrary<PathElement> = fc.oneof(
  fc.constantFrom('f:a', 'f:b', 'f:__proto__', 'f:.', 'i:0', 'i:10', 'i:9'),
  fc.oneof(fc.integer({ min: 0, max: 20 }), fc.string({ maxLength: 3 }), fc.boolean()).map(valueElement),
  fc.constantFrom('x', 'y', 'a"<b>').map((name) => keyElement([['name', name]])),
);
const path = fc.array(element, { minLength: 1, maxLength: 4 });
const paths = fc.array(path, { maxLength: 12 });
const of = (list: readonly (readonly PathElement[])[]) => {
  const set = new FieldSet();
  for (const each of list) set.insert(each);
  return set;
};
const key = (each: readonly PathElement[]) => JSON.stringify(each);
const keys = (set: FieldSet) => new Set([...set.paths()].map(key));

describe('FieldSet', () => {
  it('behaves as a set of paths', () => {
    fc.assert(
      fc.property(paths, paths, (a, b) => {
        const [left, right] = [new Set(a.map(key)), new Set(b.map(key))];
        expect(keys(of(a))).toEqual(left);
        expect(keys(of(a).union(of(b)))).toEqual(left.union(right));
        expect(keys(of(a).intersection(of(b)))).toEqual(left.intersection(right));
        expect(keys(of(a).difference(of(b)))).toEqual(left.difference(right));
        expect(of(a).isEmpty).toBe(a.length === 0);
        expect(of(a).equals(of(b))).toBe(left.symmetricDifference(right).size === 0);
        for (const each of b) expect(of(a).has(each)).toBe(left.has(key(each)));
      }),
    );
  });

  it('takes away what is below a path when asked to', () => {
    fc.assert(
      fc.property(paths, paths, (a, b) => {
        const covered = (each: readonly PathElement[]) =>
          b.some((prefix) => prefix.length <= each.length && prefix.every((step, i) => step === each[i]));
        expect(keys(of(a).recursiveDifference(of(b)))).toEqual(new Set(a.filter((each) => !covered(each)).map(key)));
      }),
    );
  });

  it('leaves its operands as they were', () => {
    fc.assert(
      fc.property(paths, paths, (a, b) => {
        const [left, right] = [of(a), of(b)];
        left.union(right);
        left.difference(right);
        left.intersection(right);
        expect(keys(left)).toEqual(new Set(a.map(key)));
        expect(keys(right)).toEqual(new Set(b.map(key)));
      }),
    );
  });
});

describe('FieldsV1', () => {
  it('survives the wire', () => {
    fc.assert(
      fc.property(paths, (list) => {
        const wire = JSON.parse(JSON.stringify(encodeFieldsV1(of(list)))) as unknown;
        expect(keys(decodeFieldsV1(wire))).toEqual(new Set(list.map(key)));
      }),
    );
  });

  it('is sorted: fields, then keys by their values, then values, then positions', () => {
    const list = ['i:10', 'i:9', 'v:"b"', 'v:10', 'v:9', 'k:{"port":443}', 'k:{"port":80}', 'f:b', 'f:a'];
    expect(Object.keys(encodeFieldsV1(of(list.map((each) => [each]))))).toEqual([
      'f:a',
      'f:b',
      'k:{"port":80}',
      'k:{"port":443}',
      'v:9',
      'v:10',
      'v:"b"',
      'i:9',
      'i:10',
    ]);
  });

  it('says with a dot that an element with others below belongs itself', () => {
    const set = of([['f:labels'], ['f:labels', 'f:app'], ['f:spec', 'f:replicas']]);
    expect(encodeFieldsV1(set)).toEqual({ 'f:labels': { '.': {}, 'f:app': {} }, 'f:spec': { 'f:replicas': {} } });
  });

  it('reads keys in any order and spacing', () => {
    const set = decodeFieldsV1({ 'k:{"protocol": "TCP", "containerPort":80}': {} });
    expect(set.has(['k:{"containerPort":80,"protocol":"TCP"}'])).toBe(true);
  });

  it.each([
    ['x', 'key must be 2'],
    ['fx:', 'missing colon: fx:'],
    ['q:1', 'unknown path element type'],
    ['k:[]', 'expected an object'],
    ['i:x', 'expected a number'],
    ['v:{', 'JSON'],
  ])('refuses %j', (text, message) => expect(() => decodeFieldsV1({ [text]: {} })).toThrow(message));
});

it('prints paths as people read them', () => {
  const steps = ['f:spec', 'f:ports', 'k:{"containerPort":80,"protocol":"TCP"}', 'f:x', 'v:"a"', 'i:3'];
  expect(formatFieldPath(steps)).toBe('.spec.ports[containerPort=80,protocol="TCP"].x[="a"][3]');
});
