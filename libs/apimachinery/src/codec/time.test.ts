import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ProtobufReader } from './reader.ts';
import { normalizeMicroTime, normalizeTime, readTimestamp, writeTimestamp } from './time.ts';
import { BackwardWriter } from './writer.ts';

const instants = fc
  .date({ min: new Date('0000-01-01T00:00:00Z'), max: new Date('9999-12-31T23:59:59Z'), noInvalidDate: true })
  .map((date) => `${date.toISOString().slice(0, 19)}Z`);

function throughProtobuf(text: string): string | null {
  const writer = new BackwardWriter();
  writeTimestamp(writer, text);
  return readTimestamp(new ProtobufReader(writer.finish()), 0);
}

it('keeps every second of every year', () => {
  fc.assert(
    fc.property(instants, (text) => {
      expect(normalizeTime(text)).toBe(text);
      expect(throughProtobuf(text)).toBe(text);
    }),
  );
});

it('takes any zone and fraction', () => {
  expect(normalizeTime('2026-11-21T05:06:07+02:00')).toBe('2026-11-21T03:06:07Z');
  expect(normalizeTime('2026-11-21T05:06:07.999Z')).toBe('2026-11-21T05:06:07Z');
  expect(normalizeMicroTime('2026-11-21T05:06:07.1234567-00:30')).toBe('2026-11-21T05:36:07.123456Z');
});

describe('refuses', () => {
  it.each([
    '2026-02-29T00:00:00Z',
    '2026-04-31T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-00-01T00:00:00Z',
    '2026-01-00T00:00:00Z',
    '2026-01-01T24:00:00Z',
    '2026-01-01T00:60:00Z',
    '2026-01-01T00:00:60Z',
    '2026-01-01 00:00:00Z',
    '2026-01-01T00:00:00z',
    '20a6-01-01T00:00:00Z',
    '2026-01-01T00:00:/9Z',
    '2026-01-01T00:00:00',
    '',
  ])('%s', (text) => {
    expect(() => normalizeTime(text)).toThrow('parsing time');
  });
});
