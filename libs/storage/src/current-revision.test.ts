import { expect, it } from 'vitest';
import { FakeClock } from '@pilothouse/component';
import { CurrentRevision } from './current-revision.ts';

function controlled() {
  const reads: PromiseWithResolvers<number>[] = [];
  const clock = new FakeClock();
  const revisions = new CurrentRevision(() => {
    const read = Promise.withResolvers<number>();
    reads.push(read);
    return read.promise;
  }, clock);
  return { revisions, reads, clock };
}

it('never answers with a read that began before the question, and asks once for all who wait', async () => {
  const { revisions, reads } = controlled();
  const first = revisions.get();
  const [second, third] = [revisions.get(), revisions.get()];
  expect(reads).toHaveLength(1);
  reads[0]!.resolve(5);
  expect(await first).toBe(5);
  await Promise.resolve();
  expect(reads).toHaveLength(2);
  reads[1]!.resolve(6);
  expect(await Promise.all([second, third])).toEqual([6, 6]);
});

it('does not let a failed read fail those who came after it', async () => {
  const { revisions, reads } = controlled();
  const first = revisions.get();
  const second = revisions.get();
  reads[0]!.reject(new Error('gone'));
  await expect(first).rejects.toThrow('gone');
  await Promise.resolve();
  reads[1]!.resolve(6);
  expect(await second).toBe(6);
});

it('reads anew when nothing is under way', async () => {
  let revision = 0;
  const revisions = new CurrentRevision(async () => ++revision, new FakeClock());
  expect([await revisions.get(), await revisions.get()]).toEqual([1, 2]);
});

it('does not wait for a read that is stuck: the next one answers everybody who asked before it', async () => {
  const { revisions, reads, clock } = controlled();
  const asked = [revisions.get(), revisions.get()];
  await clock.run(499);
  expect(reads).toHaveLength(1);
  await clock.run(1);
  const late = revisions.get();
  expect(reads).toHaveLength(2);
  reads[1]!.resolve(7);
  expect(await Promise.all(asked)).toEqual([7, 7]);
  // The last question came after that read began.
  await clock.run(0);
  expect(reads).toHaveLength(3);
  reads[0]!.resolve(3);
  reads[2]!.resolve(8);
  expect(await late).toBe(8);
  expect(clock.pendingTimers).toBe(0);
});

it('fails only those for whom no later read is under way', async () => {
  const { revisions, reads, clock } = controlled();
  const asked = revisions.get();
  await clock.run(500);
  reads[0]!.reject(new Error('timed out'));
  await clock.run(0);
  reads[1]!.resolve(9);
  expect(await asked).toBe(9);
  const next = revisions.get();
  await clock.run(500);
  reads[3]!.reject(new Error('gone'));
  await clock.run(0);
  reads[2]!.reject(new Error('gone too'));
  await expect(next).rejects.toThrow('gone too');
});
