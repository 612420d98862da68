import { expect, it, vi } from 'vitest';
import { Change } from './change.ts';
import { EventHistory } from './event-history.ts';
import { StoredVersion } from './stored-version.ts';

const codec = { encode: () => Buffer.alloc(0), decode: () => ({}) };
const change = (revision: number) =>
  Change.put(new StoredVersion({ namespace: '', name: 'a' }, Buffer.alloc(0), revision, codec), undefined);

function history(base = 10) {
  const time = { nowMs: 0 };
  const events = new EventHistory(base, () => time.nowMs);
  return { events, time };
}

const revisions = (changes: Change[]) => changes.map(({ revision }) => revision);

it('gives what came after a revision', () => {
  const { events } = history();
  for (const revision of [12, 15, 20]) events.append(change(revision));
  expect(events.base).toBe(10);
  expect(revisions(events.after(10))).toEqual([12, 15, 20]);
  expect(revisions(events.after(14))).toEqual([15, 20]);
  expect(revisions(events.after(15))).toEqual([20]);
  expect(revisions(events.after(99))).toEqual([]);
});

it('keeps a hundred changes however old, and all of the last 75 seconds', () => {
  const { events, time } = history();
  for (let revision = 11; revision <= 310; revision++) events.append(change(revision));
  expect(events.base).toBe(10);
  time.nowMs = 75_000;
  events.append(change(311));
  expect(events.base).toBe(211);
  expect(revisions(events.after(events.base))).toHaveLength(100);
  expect(revisions(events.after(211)).at(0)).toBe(212);
});

it('lets go of what was derived from changes older than five seconds, and makes it again when asked', () => {
  const { events, time } = history();
  const decode = vi.fn(() => ({}));
  const version = (revision: number) =>
    new StoredVersion({ namespace: '', name: 'a' }, Buffer.from('{}'), revision, { ...codec, decode });
  const [old, next] = [version(11), version(12)];
  const frame = vi.fn(() => Buffer.from('frame'));
  const read = () => {
    for (const each of [old, next]) {
      void each.object;
      each.encoding('v1/json', frame);
    }
    return [decode.mock.calls.length, frame.mock.calls.length];
  };
  events.append(Change.put(old, undefined));
  events.append(Change.put(next, old));
  expect(read()).toEqual([2, 2]);
  time.nowMs = 4_999;
  events.append(change(13));
  expect(read()).toEqual([2, 2]);
  time.nowMs = 5_000;
  events.append(change(14));
  // The one that was replaced is decoded again, the other is still what readers get; frames of both are gone.
  expect(read()).toEqual([3, 4]);
});

it('knows nothing after a reset', () => {
  const { events } = history();
  events.append(change(11));
  events.reset(50);
  expect(events.base).toBe(50);
  expect(events.after(50)).toEqual([]);
});
