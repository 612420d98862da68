import { describe, expect, test } from 'vitest';
import { FakeClock } from '@pilothouse/component';
import { WriteQueue } from './write-queue.ts';

function queueOf(options: { concurrency?: number; fail?: (key: string) => boolean } = {}) {
  const clock = new FakeClock();
  const log: string[] = [];
  const release: (() => void)[] = [];
  const queue = new WriteQueue({
    clock,
    concurrency: options.concurrency ?? 2,
    onError: (key) => log.push(`error ${key}`),
    write: async (key) => {
      log.push(`start ${key}`);
      await new Promise<void>((resolve) => release.push(resolve));
      if (options.fail?.(key)) throw new Error('no');
      log.push(`end ${key}`);
    },
  });
  const releaseAll = async () => {
    release.splice(0).forEach((resolve) => resolve());
    await clock.run(0);
  };
  return { clock, log, queue, releaseAll };
}

describe('WriteQueue', () => {
  test('runs so many at once, each key once at a time', async () => {
    const { log, queue, releaseAll } = queueOf();
    ['a', 'b', 'c', 'a'].forEach((key) => queue.add(key));
    expect(log).toEqual(['start a', 'start b']);
    await releaseAll();
    await releaseAll();
    expect(log.filter((line) => line === 'start a')).toHaveLength(2);
    expect(log).toContain('start c');
  });

  test('runs a key that was asked for ten times meanwhile once more', async () => {
    const { log, queue, releaseAll } = queueOf();
    for (let n = 0; n < 11; n++) queue.add('a');
    for (let n = 0; n < 5; n++) await releaseAll();
    expect(log).toEqual(['start a', 'end a', 'start a', 'end a']);
  });

  test('tries again later what failed, ever later', async () => {
    let failures = 2;
    const { clock, log, queue, releaseAll } = queueOf({ fail: () => failures-- > 0 });
    queue.add('a');
    await releaseAll();
    expect(log).toEqual(['start a', 'error a']);
    await clock.run(200);
    await releaseAll();
    await clock.run(399);
    expect(log.filter((line) => line === 'start a')).toHaveLength(2);
    await clock.run(1);
    await releaseAll();
    expect(log.at(-1)).toBe('end a');
  });

  test('when stopped finishes what is under way and starts nothing', async () => {
    const { log, queue, releaseAll } = queueOf({ concurrency: 1 });
    queue.add('a');
    queue.add('b');
    const stopped = queue.stop();
    await releaseAll();
    await stopped;
    expect(log).toEqual(['start a', 'end a']);
  });
});
