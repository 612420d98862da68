import { describe, expect, it } from 'vitest';
import { goPattern, PatternError } from './go-pattern.ts';

describe('a pattern in Go’s syntax', () => {
  it.each<[string, string, boolean]>([
    ['^a\\-b$', 'a-b', true],
    ['^[a-z0-9]([-a-z0-9]*[a-z0-9])?$', 'a-b', true],
    ['(?i)^ABC$', 'abc', true],
    ['^[[:alpha:]]+$', 'abc', true],
    ['^[[:alpha:]]+$', 'a1', false],
    ['\\Aab\\z', 'ab', true],
    ['\\Aab\\z', 'ab\n', false],
    ['^(?P<year>\\d{4})$', '2024', true],
    ['^\\p{L}+$', 'äö', true],
    ['^\\Qa.b\\E$', 'a.b', true],
    ['^\\Qa.b\\E$', 'axb', false],
    ['^[]a]+$', ']a', true],
    ['^((https|http)://.*)?$', 'https://x', true],
    ['^[\\w/.:-]+$', 'a/b:c-d', true],
    ['^(?i:ab)c$', 'ABc', true],
    ['^(?i)(abort|warn)?$', 'ABORT', true],
    ['^((?i)january|february|1[0-2])(?::x)?$', 'FEBRUARY', true],
    ['^((?i)a|b)c$', 'BC', false],
    ['^a(?i)b(?-i)c$', 'aBc', true],
    ['^a(?i)b(?-i)c$', 'aBC', false],
    ['^a(?i)b|c$', 'C', true],
    ['(?is)^A.B$', 'a\nb', true],
  ])('%s on %j: %j', (pattern, text, matches) => {
    expect(goPattern(pattern).test(text)).toBe(matches);
  });

  it.each(['(?=a)', '(?!a)', '(?<=a)', '(a)\\1', '[a', '(a', '*a', '\\', '[[:nope:]]'])('%s is none', (pattern) => {
    expect(() => goPattern(pattern)).toThrow(PatternError);
  });

  it.each([
    ['(a', 'missing closing ): `(a`'],
    ['a)', 'unexpected ): `a)`'],
    ['*a', 'missing argument to repetition operator: `*`'],
    ['a**', 'invalid nested repetition operator: `**`'],
    ['a{2}{3}', 'invalid nested repetition operator: `{2}{3}`'],
    ['[z-a]', 'invalid character class range: `z-a`'],
    ['a{1001}', 'invalid repeat count: `{1001}`'],
    ['a{2,1}', 'invalid repeat count: `{2,1}`'],
    ['(?=a)', 'invalid or unsupported Perl syntax: `(?=`'],
    ['[a', 'missing closing ]: `[a`'],
  ])('%s is refused as Go does', (pattern, why) => {
    expect(() => goPattern(pattern)).toThrow(new PatternError(why.split(': `')[0]!, why.split(': `')[1]!.slice(0, -1)));
  });
});
