import { describe, expect, it } from 'vitest';
import { checkConsistency } from './check-consistency.ts';
import type { Get, List, Operation, WatchedEvent, WatchSegment, Write } from './operation.ts';
import { StoreHistory, type StoreEvent } from './store-history.ts';

const put = (key: string, revision: number, previous?: number): StoreEvent => ({
  ...{ key, revision, type: 'put', previous },
});
const removed = (key: string, revision: number, previous: number): StoreEvent => ({
  ...{ key, revision, type: 'delete', previous },
});
const write = (kind: Write['kind'], id: number, atMs: number, more: Partial<Write> = {}): Write => ({
  ...{ client: 'c', key: 'a', kind, id, startMs: atMs, endMs: atMs + 1, outcome: 'acknowledged' },
  ...more,
});
const get = (atMs: number, resourceVersion: number | undefined, key = 'a'): Get => ({
  ...{ client: 'r', kind: 'get', key, startMs: atMs, endMs: atMs + 1 },
  found: resourceVersion === undefined ? undefined : { key, resourceVersion, id: 0 },
});
const list = (atMs: number, resourceVersion: number, items: Record<string, number>): List => ({
  ...{ client: 'r', kind: 'list', startMs: atMs, endMs: atMs + 1, resourceVersion },
  items: Object.entries(items).map(([key, at]) => ({ key, resourceVersion: at, id: 0 })),
});
const watched = (type: WatchedEvent['type'], key: string, resourceVersion: number, id = Number.NaN): WatchedEvent => ({
  ...{ type, key, resourceVersion, id },
});

/** a is made, changed, removed and made again; b is made in between. */
const EVENTS = [put('a', 11), put('b', 12), put('a', 13, 11), removed('a', 14, 13), put('a', 15)];
const OPERATIONS: Operation[] = [
  write('create', 1, 0, { resourceVersion: 11 }),
  get(2, 11),
  write('create', 2, 4, { resourceVersion: 12, key: 'b' }),
  list(5.5, 12, { a: 11, b: 12 }),
  write('update', 3, 10, { resourceVersion: 13, precondition: 11 }),
  get(12, 13),
  write('delete', 4, 20, { resourceVersion: 14, precondition: 13 }),
  get(22, undefined),
  write('create', 5, 30, { resourceVersion: 15 }),
  list(32, 15, { a: 15, b: 12 }),
];
const WATCH: WatchSegment = {
  watcher: 'w',
  from: 10,
  events: [
    watched('ADDED', 'a', 11, 1),
    watched('ADDED', 'b', 12, 2),
    watched('MODIFIED', 'a', 13, 3),
    watched('DELETED', 'a', 14, 3),
    watched('ADDED', 'a', 15, 5),
  ],
};

function check(operations: readonly Operation[], segments: readonly WatchSegment[] = [WATCH], events = EVENTS) {
  return checkConsistency(operations, segments, new StoreHistory(events, 10));
}
const without = (index: number) => ({ ...WATCH, events: WATCH.events.toSpliced(index, 1) });

it('finds nothing where nothing is wrong', () => {
  expect(check(OPERATIONS)).toEqual([]);
});

describe('finds a write', () => {
  it.each<[string, Partial<Write>, string]>([
    ['that is lost', { resourceVersion: 16 }, 'nothing of it at 16'],
    ['whose version is of another object', { resourceVersion: 12 }, 'nothing of it at 12'],
    ['that did something else', { kind: 'delete', resourceVersion: 13, precondition: 11 }, 'etcd has a put'],
    ['that broke its precondition', { kind: 'update', resourceVersion: 13, precondition: 9 }, 'replaced 11, not 9'],
    ['that replaced what it should have made', { kind: 'create', resourceVersion: 13 }, 'though it was a create'],
  ])('%s', (_what, more, problem) => {
    expect(check([...OPERATIONS, write('update', 6, 40, more)])).toContainEqual(expect.stringContaining(problem));
  });

  it('that is a deletion, of which the server does not say at which version', () => {
    const silent = (precondition: number) => write('delete', 4, 20, { precondition });
    expect(check(OPERATIONS.with(6, silent(13)))).toEqual([]);
    expect(check(OPERATIONS.with(6, silent(11)))).toContainEqual(expect.stringContaining('nothing of it'));
    const stale = [...OPERATIONS.with(6, silent(13)), get(22, 13)];
    expect(check(stale)).toContainEqual(expect.stringContaining('past when 14 was known'));
  });

  it('that happened twice', () => {
    const again = { ...WATCH, events: WATCH.events.with(4, watched('ADDED', 'a', 15, 1)) };
    expect(check(OPERATIONS, [again])).toEqual([expect.stringContaining('happened at 11 and 15')]);
  });

  it('that was refused and happened', () => {
    const refused = OPERATIONS.with(4, write('update', 3, 10, { outcome: 'refused', precondition: 11 }));
    expect(check(refused)).toEqual([expect.stringContaining('was refused and happened at 13')]);
  });

  it('that nobody made', () => {
    expect(check(OPERATIONS.toSpliced(4, 1))).toEqual([expect.stringContaining('nobody made stands at 13')]);
  });

  it('but not one of which no answer came, whether it happened or not', () => {
    const unknown = OPERATIONS.with(4, write('update', 3, 10, { outcome: 'unknown', precondition: 11 }));
    expect(check([...unknown, write('update', 7, 40, { outcome: 'unknown' })])).toEqual([]);
  });
});

describe('finds a read', () => {
  it.each<[string, Operation, string]>([
    ['older than an acknowledged write', get(12, 11), 'past when 13 was known'],
    ['older than a write of another object, known elsewhere', get(31.5, undefined), 'past when 15 was known'],
    ['that shows what is deleted', get(22, 13), 'past when 14 was known'],
    ['that misses what is there', get(12, undefined), 'past when 13 was known, or before 14 was written'],
    ['that is ahead of what was written', get(2, 13), 'or before 12 was written'],
    ['of what never was', get(12, 12), 'as it never was'],
    ['of a list from the past', list(12, 12, { a: 11, b: 12 }), 'was of 12 when 13 was known'],
    ['of a list that leaves something out', list(12, 13, { a: 13 }), 'showed b at undefined, it was at 12'],
    ['of a list that mixes two moments', list(12, 13, { a: 11, b: 12 }), 'showed a at 11, it was at 13'],
  ])('%s', (_what, read, problem) => {
    expect(check([...OPERATIONS, read])).toContainEqual(expect.stringContaining(problem));
  });

  it('that went back behind what another reader had seen', () => {
    // Nobody was told that the update succeeded, but somebody has seen it.
    const unknown = OPERATIONS.with(4, write('update', 3, 10, { outcome: 'unknown', precondition: 11 }));
    expect(check(unknown.toSpliced(5, 1, get(12, 13), get(14, 11)))).toEqual([expect.stringContaining('13 was known')]);
    expect(check(unknown.toSpliced(5, 1, get(12, 11)))).toEqual([]);
  });

  it('but not one that was under way while the write was', () => {
    const slow = { ...get(9, 11), endMs: 15 };
    expect(check([...OPERATIONS, slow])).toEqual([]);
  });
});

describe('finds a watch', () => {
  it.each<[string, WatchSegment, string]>([
    ['with a gap', without(2), 'event 2 after 10 is DELETED a at 14, should be MODIFIED a at 13'],
    [
      'that repeats',
      { ...WATCH, events: WATCH.events.toSpliced(1, 0, WATCH.events[0]!) },
      'event 1 after 10 is ADDED a',
    ],
    [
      'out of order',
      { ...WATCH, events: [1, 0, 2, 3, 4].map((at) => WATCH.events[at]!) },
      'event 0 after 10 is ADDED b',
    ],
    [
      'that calls a change by another name',
      { ...WATCH, events: WATCH.events.with(4, watched('MODIFIED', 'a', 15)) },
      'is MODIFIED a',
    ],
    [
      'that made something up',
      { ...WATCH, events: WATCH.events.toSpliced(5, 0, watched('ADDED', 'z', 16)) },
      'should be nothing',
    ],
  ])('%s', (_what, segment, problem) => {
    expect(check(OPERATIONS, [segment])).toContainEqual(expect.stringContaining(problem));
  });

  it('only for what it promised: after a list it goes on from there', () => {
    expect(
      check(OPERATIONS, [
        { ...WATCH, events: WATCH.events.slice(0, 2) },
        { ...WATCH, from: 13, events: WATCH.events.slice(3) },
      ]),
    ).toEqual([]);
  });
});

it('finds a recording of the store with a gap in it', () => {
  const missing = EVENTS.toSpliced(2, 1);
  const problems = new StoreHistory(missing, 10).gaps();
  expect(problems).toEqual([expect.stringContaining('a at 14 replaces 13, not 11')]);
});
