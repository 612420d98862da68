import { describe, expect, it } from 'vitest';
import {
  duplicate,
  fieldPath,
  forbiddenField,
  invalidValue,
  namedString,
  NO_PATH,
  notSupported,
  required,
  tooLong,
  tooMany,
} from './field-error.ts';

const path = fieldPath('spec', 'containers').index(0).child('image');

describe('FieldPath', () => {
  it('reads like the field in a manifest', () => {
    expect(path.text).toBe('spec.containers[0].image');
    expect(fieldPath('metadata', 'annotations').key('a/b').text).toBe('metadata.annotations[a/b]');
  });

  it('does not change when it is extended', () => {
    const spec = fieldPath('spec');
    spec.child('a');
    spec.index(1);
    expect(spec.text).toBe('spec');
  });

  it('has a root that is not a field', () => {
    expect(NO_PATH.text).toBe('<nil>');
    expect(NO_PATH.child('spec').text).toBe('spec');
    expect(fieldPath('').text).toBe('[]');
  });
});

describe('FieldError', () => {
  it.each([
    [required(path), 'spec.containers[0].image: Required value'],
    [required(path, 'say which'), 'spec.containers[0].image: Required value: say which'],
    [invalidValue(path, { a: '<b>' }, 'no'), 'spec.containers[0].image: Invalid value: {"a":"\\u003cb\\u003e"}: no'],
    [invalidValue(path, 'a "b"\n', 'no'), 'spec.containers[0].image: Invalid value: "a \\"b\\"\\n": no'],
    [invalidValue(path, 5, 'too big'), 'spec.containers[0].image: Invalid value: 5: too big'],
    [invalidValue(path, undefined, 'missing'), 'spec.containers[0].image: Invalid value: null: missing'],
    [invalidValue(path, { a: [1] }, 'odd'), 'spec.containers[0].image: Invalid value: {"a":[1]}: odd'],
    [
      invalidValue(path, { a: '<&>' }, 'odd'),
      'spec.containers[0].image: Invalid value: {"a":"\\u003c\\u0026\\u003e"}: odd',
    ],
    [duplicate(path, 'x'), 'spec.containers[0].image: Duplicate value: "x"'],
    [forbiddenField(path, 'not here'), 'spec.containers[0].image: Forbidden: not here'],
    [
      notSupported(path, 'x', ['b', 'a']),
      'spec.containers[0].image: Unsupported value: "x": supported values: "b", "a"',
    ],
    [tooLong(path, 63), 'spec.containers[0].image: Too long: may not be more than 63 bytes'],
    [tooMany(path, 5, 1), 'spec.containers[0].image: Too many: 5: must have at most 1 item'],
  ])('%#', (error, text) => {
    expect(error.toString()).toBe(text);
  });

  it('escapes what HTML could misread in JSON, and so in strings of a type of their own', () => {
    expect(invalidValue(path, ['a<b>&c\u2028'], '').body()).toBe('Invalid value: ["a\\u003cb\\u003e\\u0026c\\u2028"]');
    expect(invalidValue(path, '>=', '').body()).toBe('Invalid value: ">="');
    expect(invalidValue(path, namedString('>='), '').body()).toBe('Invalid value: "\\u003e="');
    expect(notSupported(path, '>=', []).body()).toBe('Unsupported value: "\\u003e="');
  });

  it('quotes as Go does, which differs from JSON for what cannot be seen', () => {
    expect(invalidValue(path, '\u0007\u007f\u0001', '').body()).toBe('Invalid value: "\\a\\x7f\\x01"');
    expect(invalidValue(path, 'é😀\u2028', '').body()).toBe('Invalid value: "é😀\\u2028"');
  });
});
