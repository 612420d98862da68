import { describe, expect, it } from 'vitest';
import { FakeClock, MetricsRegistry } from '@pilothouse/component';
import type { Controller, ReconcileResult } from './contract.ts';
import { createWorkQueue } from './queue/work-queue.ts';
import { runController } from './run-controller.ts';

function run(reconcile: (key: string, signal: AbortSignal) => Promise<ReconcileResult>, workers = 2) {
  const clock = new FakeClock();
  const metrics = new MetricsRegistry();
  const queue = createWorkQueue({ clock });
  const stop = new AbortController();
  const controller: Controller = { name: 'test', queue, workers, reconcile };
  const ended = runController(controller, { signal: stop.signal, clock, metrics });
  return { clock, metrics, queue, stop: () => stop.abort(new Error('stop')), ended };
}

describe('runController', () => {
  it('retries what fails with a growing delay, until it succeeds', async () => {
    let failures = 3;
    const at: number[] = [];
    const { clock, queue, metrics } = run(async () => {
      at.push(clock.monotonicMs());
      if (failures-- > 0) throw new Error('not yet');
    });
    queue.add('a');
    await clock.run(1000);
    expect(at).toEqual([0, 5, 15, 35]);
    expect(queue.numRequeues('a')).toBe(0);
    expect(metrics.expose()).toContain('controller_runtime_reconcile_total{controller="test",result="error"} 3\n');
  });

  it('comes back when the result says so', async () => {
    const at: number[] = [];
    const { clock, queue } = run(async () => {
      at.push(clock.monotonicMs());
      if (at.length < 3) return { requeueAfterMs: 500 };
    });
    queue.add('a');
    await clock.run(5000);
    expect(at).toEqual([0, 500, 1000]);
  });

  it('handles as many keys at once as it has workers, and never one key twice', async () => {
    const running = new Set<string>();
    let most = 0;
    const { clock, queue } = run(async (key) => {
      expect(running.has(key)).toBe(false);
      running.add(key);
      most = Math.max(most, running.size);
      queue.add(key === 'a' && clock.monotonicMs() === 0 ? 'a' : 'b');
      await clock.sleep(10);
      running.delete(key);
      if (clock.monotonicMs() > 50) queue.shutDown();
    }, 3);
    for (const key of ['a', 'b', 'c', 'd', 'e']) queue.add(key);
    await clock.run(1000);
    expect(most).toBe(3);
  });

  it('ends when the signal aborts and the last reconcile has seen it', async () => {
    const { clock, queue, stop, ended } = run((_key, signal) => clock.sleep(1_000_000, signal));
    queue.add('a');
    await clock.run(10);
    stop();
    await ended;
    expect(queue.numRequeues('a')).toBe(0);
  });
});
