import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { ageCell, ageColumn, column, humanDuration, labelsCell } from './index.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const YEAR = 365 * DAY;

describe('humanDuration', () => {
  it.each([
    [-2 * SECOND, '<invalid>'],
    [-1 * SECOND, '0s'],
    [0, '0s'],
    [119 * SECOND, '119s'],
    [2 * MINUTE, '2m'],
    [2 * MINUTE + 5 * SECOND, '2m5s'],
    [10 * MINUTE + 59 * SECOND, '10m'],
    [179 * MINUTE, '179m'],
    [3 * HOUR, '3h'],
    [7 * HOUR + 59 * MINUTE, '7h59m'],
    [47 * HOUR + 59 * MINUTE, '47h'],
    [2 * DAY, '2d'],
    [7 * DAY + 23 * HOUR, '7d23h'],
    [8 * DAY + 5 * HOUR, '8d'],
    [2 * YEAR - DAY, '729d'],
    [2 * YEAR, '2y'],
    [3 * YEAR + 2 * DAY, '3y2d'],
    [8 * YEAR + 300 * DAY, '8y'],
  ])('%d ms is %s', (ms, text) => {
    expect(humanDuration(ms)).toBe(text);
  });

  it('is short, and never names a unit twice', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 50 * YEAR }), (ms) => {
        const text = humanDuration(ms);
        expect(text).toMatch(/^\d+[smhdy](\d+[smhd])?$/);
        expect(text.length).toBeLessThanOrEqual(6);
      }),
    );
  });
});

describe('cells', () => {
  const now = new Date('2026-05-01T12:00:00Z');

  it('tell how old an object is', () => {
    expect(ageCell('2026-05-01T11:59:30Z', now)).toBe('30s');
    expect(ageCell(null, now)).toBe('<unknown>');
    expect(ageColumn.cell({ metadata: { creationTimestamp: '2026-05-01T10:00:00Z' } }, now)).toBe('120m');
  });

  it('show labels sorted', () => {
    expect(labelsCell({ b: '2', a: '1' })).toBe('a=1,b=2');
    expect(labelsCell(undefined)).toBe('<none>');
  });

  it('are text and always shown unless the column says otherwise', () => {
    expect(column('A', () => '')).toMatchObject({ name: 'A', type: 'string', priority: 0 });
    expect(column('A', () => 1, { wide: true, type: 'integer' })).toMatchObject({ type: 'integer', priority: 1 });
  });
});
