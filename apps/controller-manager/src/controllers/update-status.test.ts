import { conflict, isConflict, OPTIMISTIC_LOCK_MESSAGE } from '@pilothouse/apimachinery';
import { type Job, jobs } from '@pilothouse/api';
import type { KubeClient } from '@pilothouse/client';
import { describe, expect, it } from 'vitest';
import { updateStatus } from './update-status.ts';

const job = (resourceVersion: string): Job =>
  ({ metadata: { name: 'sum', namespace: 'ns', uid: 'u1', resourceVersion }, spec: {}, status: {} }) as unknown as Job;

/** An apiserver that has one Job, in version 2. */
function server(): { client: KubeClient; written: Job[] } {
  const written: Job[] = [];
  const resource = () => ({
    get: async () => job('2'),
    update: async (object: Job) => {
      if (object.metadata.resourceVersion !== '2') throw conflict(jobs, 'sum', OPTIMISTIC_LOCK_MESSAGE);
      written.push(object);
      return object;
    },
  });
  return { client: { resource } as unknown as KubeClient, written };
}

describe('a status computed from a stale object', () => {
  it('is written over the newer one, as a rule', async () => {
    const { client, written } = server();
    await updateStatus(client, jobs, job('1'), { active: 3 });
    expect(written.map(({ status }) => status)).toEqual([{ active: 3 }]);
  });

  it('is not, where counts would be lost', async () => {
    const { client, written } = server();
    await expect(updateStatus(client, jobs, job('1'), { active: 3 }, { overwrite: false })).rejects.toSatisfy(
      isConflict,
    );
    expect(written).toEqual([]);
  });
});
