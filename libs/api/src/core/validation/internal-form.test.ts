import { describe, expect, it } from 'vitest';
import { type InternalFields, internalForm, sortedMap } from './internal-form.ts';

const REQUIREMENT: InternalFields = { Key: ['key', ''], Values: ['values', null] };
const TERM: InternalFields = { Weight: ['weight', 0], Requirements: ['requirements', null, REQUIREMENT] };

describe('internalForm', () => {
  it('shows every field under its Go name, in the order of the type', () => {
    expect(JSON.stringify(internalForm({ values: ['a'], key: 'k' }, REQUIREMENT))).toBe('{"Key":"k","Values":["a"]}');
    expect(JSON.stringify(internalForm({}, TERM))).toBe('{"Weight":0,"Requirements":null}');
  });

  it('goes into structs and lists of them', () => {
    const terms = internalForm([{ requirements: [{ key: 'k' }] }], TERM);
    expect(JSON.stringify(terms)).toBe('[{"Weight":0,"Requirements":[{"Key":"k","Values":null}]}]');
  });
});

describe('sortedMap', () => {
  it('sorts by key, and is null for no map', () => {
    expect(JSON.stringify(sortedMap({ b: '1', a: '2' }))).toBe('{"a":"2","b":"1"}');
    expect(sortedMap(undefined)).toBeNull();
  });
});
