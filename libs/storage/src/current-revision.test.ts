import { expect, it } from 'vitest';
import { CurrentRevision } from './current-revision.ts';

function controlled() {
  const reads: PromiseWithResolvers<number>[] = [];
  const revisions = new CurrentRevision(() => {
    const read = Promise.withResolvers<number>();
    reads.push(read);
    return read.promise;
  });
  return { revisions, reads };
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
  const revisions = new CurrentRevision(async () => ++revision);
  expect([await revisions.get(), await revisions.get()]).toEqual([1, 2]);
});
