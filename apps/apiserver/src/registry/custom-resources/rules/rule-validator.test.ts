import { customResourceSchema, fieldPath, type JsonSchema } from '@pilothouse/apimachinery';
import { schemaFor } from '@pilothouse/api';
import { describe, expect, it } from 'vitest';
import { RuleValidator } from './rule-validator.ts';

const OBJECT_META = schemaFor('', 'v1', 'ObjectMeta')!;

function validatorOf(spec: JsonSchema): RuleValidator {
  const json: JsonSchema = { type: 'object', properties: { spec } };
  return new RuleValidator(customResourceSchema(json, OBJECT_META), json);
}

/** Errors and warnings of an update, or of a creation where there is nothing old. */
function judged(spec: JsonSchema, now: unknown, old?: unknown): { errors: string[]; warnings: string[] } {
  const warnings: string[] = [];
  const before = old === undefined ? undefined : ({ spec: old } as object);
  const errors = validatorOf(spec).validate({ spec: now } as object, before, (text) => warnings.push(text));
  return { errors: errors.map(String), warnings };
}

const POSITIVE: JsonSchema = { type: 'integer', 'x-kubernetes-validations': [{ rule: 'self > 0' }] };
const failed = (path: string): string => `spec${path}: Invalid value: "integer": failed rule: self > 0`;

describe('rules', () => {
  it('are forgiven where an update changes nothing', () => {
    const object: JsonSchema = { type: 'object', properties: { a: POSITIVE, b: { type: 'string' } } };
    expect(judged(object, { a: 0, b: 'y' }, { a: 0, b: 'x' })).toEqual({ errors: [], warnings: [failed('.a')] });
    expect(judged(object, { a: -1, b: 'y' }, { a: 0, b: 'x' }).errors).toEqual([failed('.a')]);
  });

  it('are forgiven by position in lists of no declared type, and below an atomic object', () => {
    const list: JsonSchema = { type: 'array', items: POSITIVE };
    expect(judged(list, [0, 2], [0, 1])).toEqual({ errors: [], warnings: [failed('[0]')] });
    const atomic: JsonSchema = {
      type: 'object',
      'x-kubernetes-map-type': 'atomic',
      properties: { a: POSITIVE, b: { type: 'string' } },
    };
    expect(judged(atomic, { a: 0, b: 'y' }, { a: 0, b: 'x' }).errors).toEqual([]);
  });

  it('are not forgiven item by item in an atomic list', () => {
    const list: JsonSchema = { type: 'array', 'x-kubernetes-list-type': 'atomic', items: POSITIVE };
    expect(judged(list, [0, 2], [0, 1]).errors).toEqual([failed('[0]')]);
    expect(judged(list, [0, 1], [0, 1]).errors).toEqual([]);
  });

  it('find old items by their keys only', () => {
    const rule = { rule: 'self.size >= oldSelf.size', message: 'no smaller' };
    const item: JsonSchema = {
      type: 'object',
      properties: { name: { type: 'string' }, size: { type: 'integer' } },
      'x-kubernetes-validations': [rule],
    };
    const keyed: JsonSchema = {
      type: 'array',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['name'],
      items: item,
    };
    const [a, b] = [
      { name: 'a', size: 2 },
      { name: 'b', size: 5 },
    ];
    expect(judged(keyed, [b, { ...a, size: 1 }], [a, b]).errors).toEqual([
      'spec[1]: Invalid value: "object": no smaller',
    ]);
    expect(judged({ type: 'array', items: item }, [{ ...a, size: 1 }], [a]).errors).toEqual([]);
  });
});

it('a default is held against its rules, as a value that does not change', () => {
  const schema: JsonSchema = {
    type: 'integer',
    'x-kubernetes-validations': [{ rule: 'self > 5' }, { rule: 'self != oldSelf', message: 'must change' }],
  };
  const validator = new RuleValidator({ type: 'integer' }, schema, false);
  expect(validator.validateDefault(3, fieldPath('default')).map(String)).toEqual([
    'default: Invalid value: "integer": failed rule: self > 5',
    'default: Invalid value: "integer": must change',
  ]);
});
