import { isConflict } from '@pilothouse/apimachinery';
import {
  noTracer,
  silentLogger,
  systemClock,
  type Clock,
  type Logger,
  type MetricsRegistry,
  type Tracer,
} from '@pilothouse/component';
import type { Controller } from './contract.ts';
import { reconcileMetrics, type ReconcileResultLabel } from './reconcile-metrics.ts';

export interface RunControllerOptions {
  /** Aborts: no new key is taken, running reconciles see it and should end. */
  signal: AbortSignal;
  clock?: Clock;
  logger?: Logger;
  metrics?: MetricsRegistry;
  tracer?: Tracer;
  /** Instead of the controller's own number. */
  workers?: number;
}

/** Runs the workers until the signal aborts; resolves when the last reconcile has ended. */
export async function runController(controller: Controller, options: RunControllerOptions): Promise<void> {
  const { queue } = controller;
  const { signal, workers = controller.workers } = options;
  const reconcile = reconcileOnce(controller, options);
  const shutDown = () => queue.shutDown();
  signal.addEventListener('abort', shutDown, { once: true });
  if (signal.aborted) shutDown();
  const work = async (): Promise<void> => {
    for (let key = await queue.get(); key !== undefined; key = await queue.get()) {
      // After shutDown the queue still hands out what was waiting.
      if (!signal.aborted) await reconcile(key);
      queue.done(key);
    }
  };
  await Promise.all(Array.from({ length: workers }, work));
  signal.removeEventListener('abort', shutDown);
}

/** One reconcile, and what its outcome means for the key. Never rejects. */
function reconcileOnce(controller: Controller, options: RunControllerOptions): (key: string) => Promise<void> {
  const { name, queue } = controller;
  const { signal, clock = systemClock(), logger = silentLogger(), tracer = noTracer } = options;
  const metrics = options.metrics && reconcileMetrics(options.metrics);
  return async (key) => {
    const startMs = clock.monotonicMs();
    let outcome: ReconcileResultLabel;
    try {
      const attributes = { 'pilothouse.controller': name, 'k8s.object.key': key };
      const result = await tracer.withSpan(`reconcile ${name}`, attributes, () => controller.reconcile(key, signal));
      queue.forget(key);
      outcome = result ? 'requeue_after' : 'success';
      if (result) queue.addAfter(key, result.requeueAfterMs);
    } catch (error) {
      if (signal.aborted) return;
      outcome = 'error';
      const fields = { controller: name, key, retries: queue.numRequeues(key), err: error };
      // A conflict only says that the cache was behind; the next try sees the newer object.
      if (isConflict(error)) logger.debug(fields, 'Reconcile met a conflict, trying again');
      else logger.warn(fields, 'Reconcile failed, trying again');
      queue.addRateLimited(key);
    }
    metrics?.observe(name, outcome, (clock.monotonicMs() - startMs) / 1000);
  };
}
