import { FakeClock } from '@pilothouse/component';
import { describe, expect, it } from 'vitest';
import type { AuditEvent } from './audit-event.ts';
import { BatchingSink, type BatchOptions } from './batching-sink.ts';
import { truncatingSink } from './truncating-sink.ts';

const event = (auditID: string, size = 0) => ({ auditID, requestObject: 'x'.repeat(size) }) as unknown as AuditEvent;
const idsOf = (events: readonly AuditEvent[]) => events.map(({ auditID }) => auditID).join('');

function setUp(options: Partial<BatchOptions> = {}) {
  const clock = new FakeClock();
  const batches: string[] = [];
  const lost: number[] = [];
  let hold: Promise<void> = Promise.resolve();
  const sink = new BatchingSink(
    {
      async write(events) {
        batches.push(idsOf(events));
        await hold;
      },
      close: () => Promise.resolve(),
    },
    { bufferSize: 5, maxBatchSize: 3, maxWaitMs: 1_000, ...options },
    clock,
    (count) => lost.push(count),
  );
  return { clock, batches, lost, sink, hold: (until: Promise<void>) => void (hold = until) };
}

describe('batches', () => {
  it('go when they are full, or when the first of them has waited long enough', async () => {
    const { sink, batches, clock } = setUp();
    for (const id of 'abc') sink.write([event(id)]);
    await clock.run(0);
    expect(batches).toEqual(['abc']);
    sink.write([event('d')]);
    await clock.run(999);
    expect(batches).toEqual(['abc']);
    await clock.run(1);
    expect(batches).toEqual(['abc', 'd']);
  });

  it('wait for the one before, and what has no room meanwhile is lost and counted', async () => {
    const { sink, batches, lost, clock, hold } = setUp();
    const busy = Promise.withResolvers<void>();
    hold(busy.promise);
    sink.write([...'abc'].map((id) => event(id)));
    await clock.run(0);
    sink.write([...'defghij'].map((id) => event(id)));
    expect(batches).toEqual(['abc']);
    expect(lost).toEqual([2]);
    busy.resolve();
    await clock.run(1_000);
    expect(batches).toEqual(['abc', 'def', 'gh']);
  });

  it('are throttled', async () => {
    const { sink, batches, clock } = setUp({ maxBatchSize: 1, throttle: { qps: 2, burst: 1 } });
    sink.write([...'abc'].map((id) => event(id)));
    await clock.run(0);
    expect(batches).toEqual(['a']);
    await clock.run(500);
    expect(batches).toEqual(['a', 'b']);
  });

  it('all go at the end', async () => {
    const { sink, batches } = setUp();
    sink.write([...'abcd'].map((id) => event(id)));
    await sink.close();
    expect(batches).toEqual(['abc', 'd']);
  });
});

it('events that are too large lose their objects, and too many for a batch are divided', async () => {
  const batches: AuditEvent[][] = [];
  const lost: number[] = [];
  const inner = {
    write: (events: readonly AuditEvent[]) => void batches.push([...events]),
    close: () => Promise.resolve(),
  };
  const sink = truncatingSink(inner, { maxEventBytes: 200, maxBatchBytes: 250 }, (count) => lost.push(count));
  const endless = { ...event('e'), userAgent: 'y'.repeat(300) };
  await sink.write([event('a', 100), event('b', 1_000), event('c', 100), endless]);
  expect(batches.map(idsOf)).toEqual(['ab', 'c']);
  expect(batches[0]![1]).toEqual({ auditID: 'b', annotations: { 'audit.k8s.io/truncated': 'true' } });
  expect(lost).toEqual([1]);
});
