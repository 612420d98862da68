import { afterEach, beforeEach, expect, it } from 'vitest';
import { createEtcdClient, type EtcdClient } from '@pilothouse/etcd';
import { openStorage, type ResourceStore, type Storage } from '@pilothouse/storage';
import { startEtcdCluster, type RunningEtcd } from '@pilothouse/testing';
import { WIDGETS, expectNothingLost, watchAll, writeUnderLoad } from './storage-load.ts';

let members: RunningEtcd[];
let client: EtcdClient;
let storage: Storage;
let widgets: ResourceStore;
const abort = new AbortController();

beforeEach(async () => {
  members = await startEtcdCluster(3);
  client = createEtcdClient({ endpoints: members.map(({ endpoint }) => endpoint) });
  storage = await openStorage({ etcd: client, compactionIntervalMs: 0 });
  widgets = storage.resource(WIDGETS);
  await storage.ready();
});
afterEach(async () => {
  abort.abort();
  await storage.close();
  client.close();
  await Promise.all(members.map((member) => member.stop()));
});

async function leader(): Promise<RunningEtcd> {
  for (const member of members) {
    const { memberId, leaderId } = await client.maintenance.status(member.endpoint);
    if (memberId === leaderId) return member;
  }
  throw new Error('etcd has no leader');
}

it('loses and repeats nothing when members crash and freeze, the leader among them', async () => {
  expect(await client.maintenance.memberList()).toHaveLength(3);
  const seen = watchAll(widgets, '0', abort);
  const load = writeUnderLoad(widgets, 8);
  await load.count(200);

  const crashed = await leader();
  await crashed.kill9();
  await load.count(load.acknowledged.size + 200);
  await crashed.restart();

  // The member that is written to stands still without closing a connection.
  const frozen = members[1]!;
  process.kill(frozen.pid, 'SIGSTOP');
  await load.count(load.acknowledged.size + 200);
  process.kill(frozen.pid, 'SIGCONT');

  await members[2]!.kill9();
  await load.count(load.acknowledged.size + 200);
  await load.stop();
  await expectNothingLost(client, widgets, load, seen);
});
