import { describe, expect, it } from 'vitest';
import type { Pod, Service } from '@pilothouse/api';
import { TriggerTimes, withTriggerTime } from './trigger-times.ts';

const CREATED = '2026-01-01T00:00:00Z';
const service = { metadata: { name: 'web', creationTimestamp: CREATED }, spec: {} } as unknown as Service;
const pod = (name: string, minute: number): Pod =>
  ({
    metadata: { name },
    spec: {},
    status: { conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: at(minute) }] },
  }) as unknown as Pod;
const at = (minute: number): string => `2026-01-01T00:${String(minute).padStart(2, '0')}:00Z`;

describe('since when endpoints have been out of date', () => {
  it('is the creation of a service that is new', () => {
    expect(new TriggerTimes().note('ns/web', service, [pod('a', 5)])).toBe(CREATED);
  });

  it('is the earliest of the changes since the last time', () => {
    const times = new TriggerTimes();
    times.note('ns/web', service, [pod('a', 1), pod('b', 2)]);
    expect(times.note('ns/web', service, [pod('a', 7), pod('b', 6), pod('c', 8)])).toBe(at(6));
  });

  it('is not known when pods only went, or nothing changed', () => {
    const times = new TriggerTimes();
    times.note('ns/web', service, [pod('a', 1), pod('b', 2)]);
    expect(times.note('ns/web', service, [pod('a', 1)])).toBeUndefined();
    expect(times.note('ns/web', service, [pod('a', 1)])).toBeUndefined();
  });

  it('is kept for each service, and forgotten with it', () => {
    const times = new TriggerTimes();
    times.note('ns/web', service, []);
    expect(times.note('ns/other', service, [])).toBe(CREATED);
    times.forget('ns/web');
    expect(times.note('ns/web', service, [])).toBe(CREATED);
  });

  it('leaves no old time in the annotations', () => {
    const before = withTriggerTime({ mine: 'yes' }, at(1));
    expect(Object.values(before)).toEqual(['yes', at(1)]);
    expect(withTriggerTime(before, undefined)).toEqual({ mine: 'yes' });
  });
});
