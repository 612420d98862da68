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
  ])('%s on %j: %j', (pattern, text, matches) => {
    expect(goPattern(pattern).test(text)).toBe(matches);
  });

  it.each(['(?=a)', '(?!a)', '(?<=a)', '(a)\\1', '[a', '(a', '*a', '\\', '[[:nope:]]'])('%s is none', (pattern) => {
    expect(() => goPattern(pattern)).toThrow(PatternError);
  });
});
