import { expect, it } from 'vitest';
import { formatWarning } from './respond.ts';

it('formats warnings so that they can stand in a header', () => {
  expect(formatWarning('unknown field "spec.foo"')).toBe('299 - "unknown field \\"spec.foo\\""');
  expect(formatWarning('two\nlines')).toBe('299 - "two lines"');
  expect(formatWarning('日本')).toBe('299 - "??"');
});
