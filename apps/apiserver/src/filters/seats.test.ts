import { describe, expect, test } from 'vitest';
import { Seats } from './seats.ts';

const forever = new AbortController().signal;

/** Takes a seat and notes in `order` when it has it. */
function sit(seats: Seats, user: string, order: string[], name = user, signal = forever): Promise<void> {
  return seats.take(user, signal).then((seated) => void order.push(seated ? name : `${name} refused`));
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('seats', () => {
  test('are taken at once while there are any, and then waited for', async () => {
    const seats = new Seats(1, 10);
    const order: string[] = [];
    await sit(seats, 'a', order);
    void sit(seats, 'b', order);
    await turn();
    expect(order).toEqual(['a']);
    seats.release();
    await turn();
    expect(order).toEqual(['a', 'b']);
    expect([seats.taken, seats.waiting]).toEqual([1, 0]);
  });

  test('go to users in turn, not to the longest line', async () => {
    const seats = new Seats(1, 10);
    const order: string[] = [];
    await sit(seats, 'flood', order, 'f0');
    for (const each of ['f1', 'f2', 'f3']) void sit(seats, 'flood', order, each);
    void sit(seats, 'quiet', order, 'q1');
    for (let i = 0; i < 4; i++) {
      seats.release();
      await turn();
    }
    expect(order).toEqual(['f0', 'f1', 'q1', 'f2', 'f3']);
  });

  test('are refused when too many wait, or when the request is given up', async () => {
    const seats = new Seats(1, 1);
    const order: string[] = [];
    const abort = new AbortController();
    await sit(seats, 'a', order);
    const waiting = sit(seats, 'b', order, 'b', abort.signal);
    await sit(seats, 'c', order);
    abort.abort();
    await waiting;
    expect(order).toEqual(['a', 'c refused', 'b refused']);
    seats.release();
    expect([seats.taken, seats.waiting]).toEqual([0, 0]);
  });
});
