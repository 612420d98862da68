import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FieldSelector, parseFieldSelector } from './field-selector.ts';

describe('parseFieldSelector', () => {
  it.each([
    ['metadata.name=a', 'metadata.name=a'],
    ['b!=c,a==d', 'a=d,b!=c'],
    ['', ''],
    [',a=b,', 'a=b'],
    [String.raw`a=x\,y\=z\\`, String.raw`a=x\,y\=z\\`],
    ['a=', 'a='],
  ])('%j reads as %j', (text, canonical) => expect(parseFieldSelector(text).toString()).toBe(canonical));

  it.each([
    ['a', "invalid selector: 'a'; can't understand 'a'"],
    ['a=b=c', 'invalid field selector: unescaped character in value: 61'],
    [String.raw`a=\b`, String.raw`invalid field selector: invalid escape sequence: \b`],
    ['a=b\\', 'invalid field selector: invalid escape sequence: \\'],
  ])('%j is refused', (text, message) => expect(() => parseFieldSelector(text)).toThrow(message));

  it('reads back any value it prints', () => {
    const field = fc.stringMatching(/^[a-z.]{1,8}$/);
    fc.assert(
      fc.property(field, fc.constantFrom('=' as const, '!=' as const), fc.string(), (name, operator, value) => {
        const selector = new FieldSelector([{ field: name, operator, value }]);
        expect(parseFieldSelector(selector.toString()).terms).toEqual(selector.terms);
      }),
    );
  });

  it('matches and says which value it needs', () => {
    const selector = parseFieldSelector('spec.nodeName=n1,status.phase!=Failed');
    const of = (fields: Record<string, string>) => selector.matches((field) => fields[field] ?? '');
    expect(of({ 'spec.nodeName': 'n1', 'status.phase': 'Running' })).toBe(true);
    expect(of({ 'spec.nodeName': 'n1', 'status.phase': 'Failed' })).toBe(false);
    expect(of({})).toBe(false);
    expect(selector.requiresExactMatch('spec.nodeName')).toBe('n1');
    expect(selector.requiresExactMatch('status.phase')).toBeUndefined();
  });
});
