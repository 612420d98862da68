import type { WorkQueue, WorkQueueOptions } from '../contract.ts';
import { QueueMetrics } from './queue-metrics.ts';
import { defaultControllerRateLimiter } from './rate-limiters.ts';
import { RateLimitingQueue } from './rate-limiting-queue.ts';

/** A rate-limited, delaying work queue: what every controller uses. */
export function createWorkQueue<K = string>(options: WorkQueueOptions<K>): WorkQueue<K> {
  const { clock, name = '', metrics, rateLimiter = defaultControllerRateLimiter<K>(clock) } = options;
  return new RateLimitingQueue<K>(clock, rateLimiter, metrics && new QueueMetrics<K>(metrics, name, clock));
}
