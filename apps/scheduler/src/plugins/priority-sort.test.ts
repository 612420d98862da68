import { expect, test } from 'vitest';
import { FakeCluster } from '../testing/fake-cluster.ts';
import { pod } from '../testing/objects.ts';

test('pods are tried by priority, and in the order in which they came among equals', () => {
  const cluster = new FakeCluster();
  cluster.apply(pod('first'), pod('second'), pod('urgent', { priority: 10 }));
  cluster.clock.step(5);
  cluster.apply(pod('third'), pod('urgent too', { priority: 10 }));
  const order: string[] = [];
  for (let next = cluster.built.queue.pop(); next; next = cluster.built.queue.pop()) order.push(next.info.name);
  expect(order).toEqual(['urgent', 'urgent too', 'first', 'second', 'third']);
});
