import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FakeClock, MetricsRegistry } from '@pilothouse/component';
import type { WorkQueue } from '../contract.ts';
import { createWorkQueue } from './work-queue.ts';

/** The keys that are ready now, taken and done one after the other. */
async function drain(queue: WorkQueue): Promise<string[]> {
  const keys: string[] = [];
  while (queue.length > 0) {
    const key = (await queue.get())!;
    keys.push(key);
    queue.done(key);
  }
  return keys;
}

describe('WorkQueue', () => {
  it('hands keys out in order, each once however often it was added', async () => {
    const queue = createWorkQueue({ clock: new FakeClock() });
    for (const key of ['a', 'b', 'a', 'c', 'b']) queue.add(key);
    expect(queue.length).toBe(3);
    expect(await drain(queue)).toEqual(['a', 'b', 'c']);
  });

  it('gives a key that comes while it is handled again, after done', async () => {
    const queue = createWorkQueue({ clock: new FakeClock() });
    queue.add('a');
    expect(await queue.get()).toBe('a');
    queue.add('a');
    queue.add('a');
    expect(queue.length).toBe(0);
    queue.done('a');
    expect(await drain(queue)).toEqual(['a']);
  });

  it('wakes those who wait, in turn', async () => {
    const queue = createWorkQueue({ clock: new FakeClock() });
    const waiting = [queue.get(), queue.get()];
    queue.add('a');
    queue.add('b');
    expect(await Promise.all(waiting)).toEqual(['a', 'b']);
  });

  it('adds later, by the clock; the earlier of two delays counts', async () => {
    const clock = new FakeClock();
    const queue = createWorkQueue({ clock });
    queue.addAfter('a', 1000);
    queue.addAfter('a', 5000);
    queue.addAfter('b', 5000);
    queue.addAfter('b', 2000);
    queue.addAfter('now', 0);
    expect(await drain(queue)).toEqual(['now']);
    clock.step(1000);
    expect(await drain(queue)).toEqual(['a']);
    clock.step(1000);
    expect(await drain(queue)).toEqual(['b']);
    clock.step(10_000);
    expect(await drain(queue)).toEqual([]);
  });

  it('makes a failing key wait twice as long each time, until it is forgotten', async () => {
    const clock = new FakeClock();
    const queue = createWorkQueue({ clock });
    const waits: number[] = [];
    for (let i = 0; i < 5; i++) {
      queue.addRateLimited('a');
      waits.push(clock.nextTimerMs!);
      clock.step(clock.nextTimerMs!);
      await drain(queue);
    }
    expect(waits).toEqual([5, 10, 20, 40, 80]);
    expect(queue.numRequeues('a')).toBe(5);
    queue.forget('a');
    queue.addRateLimited('a');
    expect(clock.nextTimerMs).toBe(5);
  });

  it('never makes a key wait longer than 1,000 s, and limits all keys together to 10/s after 100', () => {
    const clock = new FakeClock();
    const one = createWorkQueue({ clock });
    for (let i = 0; i < 40; i++) {
      clock.step(1_000_000);
      one.addRateLimited('a');
    }
    expect(clock.nextTimerMs).toBe(1_000_000);
    const many = createWorkQueue({ clock: new FakeClock() });
    for (let i = 0; i < 100; i++) many.addRateLimited(String(i));
    const later = new FakeClock();
    const queue = createWorkQueue({ clock: later });
    for (let i = 0; i < 120; i++) queue.addRateLimited(String(i));
    later.step(5);
    expect(queue.length).toBe(100);
    later.step(1000);
    expect(queue.length).toBe(110);
  });

  it('hands out what is left after shutDown, then nothing, and takes nothing more', async () => {
    const clock = new FakeClock();
    const queue = createWorkQueue({ clock });
    queue.add('a');
    queue.addAfter('late', 10);
    queue.shutDown();
    queue.add('b');
    clock.step(100);
    expect(await queue.get()).toBe('a');
    expect(await queue.get()).toBeUndefined();
    expect(clock.pendingTimers).toBe(0);
  });

  it('wakes those who wait with nothing on shutDown', async () => {
    const queue = createWorkQueue({ clock: new FakeClock() });
    const waiting = queue.get();
    queue.shutDown();
    expect(await waiting).toBeUndefined();
  });

  it('never has a key in two hands, and never loses one', async () => {
    const step = fc.record({ action: fc.constantFrom('add', 'get', 'done'), key: fc.constantFrom('a', 'b', 'c') });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const queue = createWorkQueue({ clock: new FakeClock() });
        const held = new Set<string>();
        const owed = new Set<string>();
        for (const { action, key } of steps) {
          if (action === 'add') {
            queue.add(key);
            owed.add(key);
          } else if (action === 'get' && queue.length > 0) {
            const taken = (await queue.get())!;
            expect(held.has(taken)).toBe(false);
            expect(owed.delete(taken)).toBe(true);
            held.add(taken);
          } else if (action === 'done' && held.delete(key)) {
            queue.done(key);
          }
        }
        for (const key of held) queue.done(key);
        expect(new Set(await drain(queue))).toEqual(owed);
      }),
    );
  });

  it("reports client-go's metrics", async () => {
    const clock = new FakeClock();
    const metrics = new MetricsRegistry();
    const queue = createWorkQueue({ clock, metrics, name: 'deployment' });
    createWorkQueue({ clock, metrics, name: 'replicaset' });
    queue.add('a');
    queue.add('b');
    const key = (await queue.get())!;
    clock.step(3000);
    const text = metrics.expose();
    expect(text).toContain('workqueue_depth{name="deployment"} 1\n');
    expect(text).toContain('workqueue_adds_total{name="deployment"} 2\n');
    expect(text).toContain('workqueue_longest_running_processor_seconds{name="deployment"} 3\n');
    queue.done(key);
    expect(metrics.expose()).toContain('workqueue_work_duration_seconds_sum{name="deployment"} 3\n');
  });
});
