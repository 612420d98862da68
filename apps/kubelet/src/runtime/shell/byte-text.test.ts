import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bytesOf, textOf } from './byte-text.ts';

const text = fc.string({ unit: fc.constantFrom('a', '\n', '\u0000', 'é', '€', '😀') });
const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 40 }),
  text.map((each) => Buffer.from(each)),
);

test('any bytes survive as text, however they are cut', () => {
  fc.assert(
    fc.property(fc.array(bytes), (parts) => {
      const joined = parts.map((part) => textOf(Buffer.from(part))).join('');
      expect(bytesOf(joined)).toEqual(Buffer.concat(parts));
    }),
  );
});

test('valid text is itself', () => {
  fc.assert(fc.property(text, (each) => textOf(Buffer.from(each)) === each));
});
