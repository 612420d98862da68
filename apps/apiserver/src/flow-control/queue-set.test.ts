import { FakeClock } from '@pilothouse/component';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { QueueSet, type Flow, type Place, type Queuing } from './queue-set.ts';
import { ONE_SEAT, type Width } from './width.ts';

const QUEUED: Queuing = { kind: 'queue', queues: 8, lengthLimit: 10 };
const newFlow = (schema: string): Flow => ({ schema, executing: 0, executingSeats: 0, waiting: 0, waitingSeats: 0 });
const wide = (initialSeats: number): Width => ({ initialSeats, finalSeats: 0, additionalMs: 0 });

function setUp(queuing: Queuing = QUEUED, limit = 2) {
  let nowMs = 0;
  const set = new QueueSet(() => nowMs);
  set.configure(queuing, limit);
  const order: string[] = [];
  const flow = newFlow('s');
  const enter = (name: string, hand: readonly number[], width = ONE_SEAT): Place => {
    const place = set.enter(flow, name, hand, width, name);
    if (typeof place === 'string') throw new Error(place);
    if (place.startedMs === undefined) place.onTurn = () => void order.push(name);
    else order.push(name);
    return place;
  };
  return { set, flow, order, enter, pass: (ms: number) => (nowMs += ms) };
}

describe('a level with queues', () => {
  it('gives seats at once while there are any, then in turn to each queue that has somebody waiting', () => {
    const { set, order, enter, pass } = setUp();
    const running = [enter('greedy', [0]), enter('greedy', [0])];
    for (let i = 0; i < 4; i++) enter('greedy', [0]);
    enter('quiet', [1]);
    expect(order).toEqual(['greedy', 'greedy']);
    pass(10);
    for (const place of running) set.finish(place);
    // The greedy queue has been given two seats for 10 ms; the quiet one comes first now.
    expect(order.slice(2)).toEqual(['quiet', 'greedy']);
  });

  it('picks of the hand the queue where least waits', () => {
    const { set, enter } = setUp(QUEUED, 1);
    enter('a', [0]);
    for (let i = 0; i < 3; i++) enter('a', [0, 1]);
    expect(
      set.queues
        .map(({ waiting }) => waiting.size)
        .slice(0, 2)

        .sort((a, b) => a - b),
    ).toEqual([1, 2]);
  });

  it('refuses when the queue is full, and only then', () => {
    const { set, flow, enter } = setUp({ ...QUEUED, lengthLimit: 2 }, 1);
    for (let i = 0; i < 3; i++) enter('a', [0]);
    expect(set.enter(flow, 'a', [0], ONE_SEAT, '')).toBe('queue-full');
    expect(set.enter(flow, 'b', [1], ONE_SEAT, '')).not.toBe('queue-full');
    expect(set.totals).toMatchObject({ dispatched: 1, rejected: 1 });
  });

  it('lets a wide request wait until there is room for it, and the rest behind it', () => {
    const { set, order, enter, pass } = setUp(QUEUED, 4);
    const narrow = [enter('n1', [0]), enter('n2', [0]), enter('n3', [1])];
    enter('wide', [2], wide(3));
    pass(1);
    set.finish(narrow[0]!);
    expect(order).not.toContain('wide');
    set.finish(narrow[1]!);
    expect(order).toContain('wide');
    expect(set.unaccommodated).toBeGreaterThan(0);
    expect(set.seatsInUse).toBe(4);
  });

  it('lets what is wider than all seats go when it is alone', () => {
    const { set, order, enter } = setUp(QUEUED, 2);
    const first = enter('first', [0]);
    enter('huge', [1], wide(50));
    expect(order).toEqual(['first']);
    set.finish(first);
    expect(order).toEqual(['first', 'huge']);
  });

  it('keeps the seats of a write until its events are out', () => {
    const { set, enter, order } = setUp(QUEUED, 2);
    const write = enter('write', [0], { initialSeats: 1, finalSeats: 2, additionalMs: 5 });
    set.finish(write);
    enter('next', [1]);
    expect(order).toEqual(['write']);
    set.release(write);
    expect(order).toEqual(['write', 'next']);
  });

  it('goes on past whoever leaves', () => {
    const { set, flow, order, enter } = setUp(QUEUED, 1);
    const first = enter('first', [0]);
    const second = enter('second', [0]);
    enter('third', [0]);
    set.leave(second, 'cancelled');
    set.finish(first);
    expect(order).toEqual(['first', 'third']);
    expect(set.totals).toMatchObject({ rejected: 1, cancelled: 1, timedOut: 0 });
    expect(flow).toMatchObject({ waiting: 0, executing: 1 });
  });

  it('takes more seats, and fewer queues, while it is in use', () => {
    const { set, order, enter } = setUp(QUEUED, 1);
    const far = enter('far', [7]);
    enter('a', [0]);
    set.configure({ ...QUEUED, queues: 2 }, 1);
    expect(set.queues).toHaveLength(8);
    set.limit = 2;
    expect(order).toEqual(['far', 'a']);
    set.finish(far);
    expect(set.queues).toHaveLength(2);
  });
});

describe('a level without queues', () => {
  it('refuses what has no seat', () => {
    const { set, flow, enter } = setUp({ kind: 'reject' }, 1);
    const first = enter('a', []);
    expect(set.enter(flow, 'a', [], ONE_SEAT, '')).toBe('concurrency-limit');
    set.finish(first);
    expect(typeof set.enter(flow, 'a', [], ONE_SEAT, '')).toBe('object');
  });

  it('never refuses when it is exempt', () => {
    const { set, enter } = setUp({ kind: 'none' }, 0);
    for (let i = 0; i < 100; i++) enter('a', []);
    expect(set.seatsInUse).toBe(100);
  });
});

it('however requests come, go and give up: no more seats than there are, nobody forgotten, nothing left over', () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant('enter' as const), queue: fc.nat(7), seats: fc.integer({ min: 1, max: 6 }) }),
    fc.record({ kind: fc.constant('finish' as const), which: fc.nat(50) }),
    fc.record({ kind: fc.constant('leave' as const), which: fc.nat(50) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const clock = new FakeClock();
      const set = new QueueSet(() => clock.monotonicMs());
      set.configure(QUEUED, 4);
      const flow = newFlow('s');
      let waiting: Place[] = [];
      for (const each of steps) {
        const executing = [...set.executing];
        if (each.kind === 'enter') {
          const place = set.enter(flow, '', [each.queue], wide(each.seats), '');
          if (typeof place === 'object') waiting.push(place);
        } else if (each.kind === 'finish') {
          const place = executing[each.which % Math.max(1, executing.length)];
          if (place) set.finish(place);
        } else {
          const place = waiting[each.which % Math.max(1, waiting.length)];
          if (place) set.leave(place, 'cancelled');
          waiting = waiting.filter((other) => other !== place);
        }
        waiting = waiting.filter(({ startedMs }) => startedMs === undefined);
        expect(set.seatsInUse <= 4 || set.executing.size === 1).toBe(true);
        expect(set.waiting).toBe(waiting.length);
        // Work is never kept waiting while nothing is done.
        expect(set.waiting === 0 || set.executing.size > 0).toBe(true);
      }
      while (set.executing.size > 0) for (const place of [...set.executing]) set.finish(place);
      expect([set.waiting, set.seatsInUse, set.seatsWaiting, flow.executing, flow.waiting]).toEqual([0, 0, 0, 0, 0]);
      expect(set.isIdle).toBe(true);
    }),
  );
});

it('a greedy flow among quiet ones gets no more than its part of the seats', () => {
  const { set, order, enter, pass } = setUp({ ...QUEUED, lengthLimit: 1_000 }, 4);
  for (let i = 0; i < 400; i++) enter('greedy', [0]);
  for (let i = 0; i < 40; i++) for (const quiet of [1, 2, 3]) enter(`quiet ${quiet}`, [quiet]);
  while (order.length < 4 + 120) {
    pass(5);
    for (const place of [...set.executing]) set.finish(place);
  }
  const served = (name: string) => order.slice(4).filter((each) => each === name).length;
  // Thirty of 120 each would be exactly even.
  for (const name of ['greedy', 'quiet 1', 'quiet 2', 'quiet 3']) expect(Math.abs(served(name) - 30)).toBeLessThan(5);
});
