import { describe, expect, it } from 'vitest';
import { warningHeaders } from './warning-headers.ts';

const utf8 = (header: string) => Buffer.from(header, 'latin1').toString();

describe('warnings', () => {
  it('stand in a header each', () => {
    expect(warningHeaders(['unknown field "spec.foo"', 'b'])).toEqual([
      '299 - "unknown field \\"spec.foo\\""',
      '299 - "b"',
    ]);
  });

  it('keep their characters as UTF-8', () => {
    expect(warningHeaders(['日本']).map(utf8)).toEqual(['299 - "日本"']);
  });

  it('are left out when they cannot stand in a header', () => {
    expect(warningHeaders(['two\nlines', '', 'one'])).toEqual(['299 - "one"']);
  });

  it('are cut when they are too long together, and end when enough is said', () => {
    const long = Array.from({ length: 20 }, (_, at) => `${at} ${'x'.repeat(300)}`);
    const headers = warningHeaders(long);
    expect(headers).toHaveLength(16);
    for (const header of headers) expect(header).toHaveLength('299 - ""'.length + 256);
    expect(warningHeaders(['x'.repeat(4096)])[0]).toHaveLength('299 - ""'.length + 4096);
  });
});
