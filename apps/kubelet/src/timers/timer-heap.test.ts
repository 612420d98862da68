import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FakeClock } from '@pilothouse/component';
import { TimerHeap } from './timer-heap.ts';

describe('TimerHeap', () => {
  test('fires every timer once, at its time, in order of time and then of setting', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(20), fc.nat(1000)), { maxLength: 60 }), (settings) => {
        const clock = new FakeClock();
        const heap = new TimerHeap(clock);
        const fired: [number, number][] = [];
        const last = new Map<number, { dueMs: number; index: number }>();
        settings.forEach(([key, dueMs], index) => {
          last.set(key, { dueMs, index });
          heap.set(String(key), dueMs, () => fired.push([clock.monotonicMs(), index]));
        });
        expect(heap.size).toBe(last.size);
        clock.step(2000);
        const expected = [...last.values()].sort((a, b) => a.dueMs - b.dueMs || a.index - b.index);
        expect(fired).toEqual(expected.map(({ dueMs, index }) => [dueMs, index]));
        expect(heap.size).toBe(0);
      }),
    );
  });

  test('needs one timer of the clock however many there are', () => {
    const clock = new FakeClock();
    const heap = new TimerHeap(clock);
    for (let n = 0; n < 1000; n++) heap.set(`t${n}`, 1000 - n, () => undefined);
    expect(clock.pendingTimers).toBe(1);
  });

  test('forgets a cancelled timer, and all of them when stopped', () => {
    const clock = new FakeClock();
    const heap = new TimerHeap(clock);
    const fired: string[] = [];
    heap.set('a', 10, () => fired.push('a'));
    heap.set('b', 20, () => fired.push('b'));
    heap.set('c', 30, () => fired.push('c'));
    heap.cancel('a');
    clock.step(20);
    heap.stop();
    clock.step(100);
    expect(fired).toEqual(['b']);
  });

  test('gives the process back between timers that set each other for now', () => {
    const clock = new FakeClock();
    const heap = new TimerHeap(clock);
    let rounds = 0;
    const again = (): void => {
      rounds++;
      if (rounds < 3) heap.set('x', clock.monotonicMs(), again);
    };
    heap.set('x', 0, again);
    clock.step(0);
    expect(rounds).toBe(3);
  });
});
