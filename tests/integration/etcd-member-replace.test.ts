import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createEtcdClient, type EtcdClient } from '@pilothouse/etcd';
import { startEtcdCluster, type RunningEtcd } from '@pilothouse/testing';

const MAIN = join(import.meta.dirname, '../../apps/pilothouse/src/main.ts');

let members: RunningEtcd[];
let client: EtcdClient;

beforeEach(async () => {
  members = await startEtcdCluster(3);
  client = createEtcdClient({ endpoints: members.map(({ endpoint }) => endpoint) });
});
afterEach(async () => {
  client.close();
  await Promise.all(members.map((member) => member.stop()));
});

async function leader(): Promise<number> {
  const states = await Promise.all(members.map(({ endpoint }) => client.maintenance.status(endpoint)));
  return states.findIndex(({ memberId, leaderId }) => memberId === leaderId);
}

async function replace(name: string, others: readonly RunningEtcd[]): Promise<string> {
  const endpoints = others.map(({ endpoint }) => endpoint).join();
  const args = [MAIN, 'etcd', 'member', 'replace', name, `--endpoints=${endpoints}`];
  return (await promisify(execFile)(process.execPath, args)).stdout;
}

it('waits for a leader when the lost member was it', { timeout: 90_000 }, async () => {
  await expect.poll(leader, { timeout: 10_000 }).toBeGreaterThanOrEqual(0);
  const lost = await leader();
  const before = await client.maintenance.memberList();
  await members[lost]!.kill9();
  const others = members.filter((_, index) => index !== lost);
  expect(await replace(`member${lost}`, others)).toContain('--initial-cluster-state=existing');
  const after = await client.maintenance.memberList();
  expect(after).toHaveLength(3);
  expect(after.filter(({ id }) => before.every((each) => each.id !== id))).toHaveLength(1);
});

it('says who there is when there is no such member', async () => {
  const failure = await replace('nobody', members).catch((error: unknown) => error);
  expect(failure).toMatchObject({ code: 1, stderr: expect.stringContaining('there is no member nobody; there are ') });
});
