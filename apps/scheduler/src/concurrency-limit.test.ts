import { expect, test } from 'vitest';
import { ConcurrencyLimit } from './concurrency-limit.ts';

const settled = () => new Promise((resolve) => setImmediate(resolve));

test('no more than the limit run at a time, in order, and a failure frees its place', async () => {
  const limit = new ConcurrencyLimit(2);
  const started: number[] = [];
  const tasks = [0, 1, 2, 3].map(() => Promise.withResolvers<number>());
  const results = tasks.map(({ promise }, i) =>
    limit.run(() => {
      started.push(i);
      return promise;
    }),
  );
  await settled();
  expect(started).toEqual([0, 1]);
  tasks[1]!.reject(new Error('no'));
  await expect(results[1]).rejects.toThrow('no');
  await settled();
  expect(started).toEqual([0, 1, 2]);
  tasks[0]!.resolve(0);
  await settled();
  expect(started).toEqual([0, 1, 2, 3]);
  tasks[2]!.resolve(2);
  tasks[3]!.resolve(3);
  expect(await Promise.all([results[0], results[2], results[3]])).toEqual([0, 2, 3]);
});
