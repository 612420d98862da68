import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatGoDuration, parseGoDuration } from './duration.ts';

test.each([
  ['1h0m0s', 3600e9],
  ['1m30s', 90e9],
  ['1.5s', 1.5e9],
  ['300ms', 3e8],
  ['0s', 0],
  ['-2m0s', -120e9],
  ['100h0m0.001s', 360_000.001e9],
  ['2µs', 2000],
])('%s is %d ns, and prints so again', (text, nanoseconds) => {
  expect(parseGoDuration(text)).toBe(nanoseconds);
  expect(formatGoDuration(nanoseconds)).toBe(text);
});

test.each(['', '1', 's', '1d', '1h 2m', '--1s', 'NaNs'])('%j is no duration', (text) => {
  expect(parseGoDuration(text)).toBeUndefined();
});

test('what is printed is read back the same', () => {
  fc.assert(
    fc.property(fc.integer({ min: -1e12, max: 1e12 }), (us) => {
      expect(parseGoDuration(formatGoDuration(us * 1000))).toBe(us * 1000);
    }),
  );
});
