import { describe, expect, it } from 'vitest';
import { FakeClock } from './fake-clock.ts';

describe('FakeClock', () => {
  it('fires timers in the order of their due time, each at its own time', () => {
    const clock = new FakeClock('2030-01-01T00:00:00Z');
    const fired: string[] = [];
    clock.after(200, () => fired.push(`late ${clock.monotonicMs()}`));
    clock.after(100, () => fired.push(`early ${clock.monotonicMs()}`));
    clock.step(500);
    expect(fired).toEqual(['early 100', 'late 200']);
    expect(clock.now().toISOString()).toBe('2030-01-01T00:00:00.500Z');
  });

  it('fires a timer that a timer has set, when it falls due within the same step', () => {
    const clock = new FakeClock();
    const fired: number[] = [];
    clock.after(10, () => clock.after(10, () => fired.push(clock.monotonicMs())));
    clock.step(15);
    expect(fired).toEqual([]);
    clock.step(5);
    expect(fired).toEqual([20]);
  });

  it('fires no timer that was cancelled', () => {
    const clock = new FakeClock();
    const cancel = clock.after(10, () => expect.unreachable());
    cancel();
    clock.step(100);
    expect(clock.pendingTimers).toBe(0);
  });

  it('lets a sleeper set its next timer in time when it is run', async () => {
    const clock = new FakeClock();
    const woken: number[] = [];
    const loop = (async () => {
      for (let i = 0; i < 3; i++) {
        await clock.sleep(100);
        woken.push(clock.monotonicMs());
      }
    })();
    await clock.run(300);
    await loop;
    expect(woken).toEqual([100, 200, 300]);
  });

  it('ends a sleep with the reason of its signal, and leaves no timer', async () => {
    const clock = new FakeClock();
    const controller = new AbortController();
    const sleep = clock.sleep(1000, controller.signal);
    controller.abort(new Error('stopping'));
    await expect(sleep).rejects.toThrow('stopping');
    expect(clock.pendingTimers).toBe(0);
    await expect(clock.sleep(1, controller.signal)).rejects.toThrow('stopping');
  });
});
