import { setTimeout as sleep } from 'node:timers/promises';
import type { ComposeCluster } from '../compose-cluster.ts';
import { docker } from '../docker.ts';
import { underLoad, type Event } from '../under-load.ts';
import type { Scenario } from './scenario.ts';

/** Without HAProxy there is no way in, so it is away only as long as its start takes. */
const AWAY_MS = 5_000;
/** Longer than a lease of 15 s, so that the other one takes over while its holder stands still. */
const LEADER_AWAY_MS = 18_000;

const KILLED = [
  ...['apiserver-1', 'apiserver-2', 'etcd-1', 'etcd-2', 'etcd-3'],
  ...['scheduler-1', 'scheduler-2', 'controller-manager-1', 'controller-manager-2', 'kubelet', 'haproxy'],
];

export const faults: Scenario = {
  name: 'faults',
  async run(cluster) {
    const frozen = (title: string, service: () => Promise<string> | string, awayMs: number): Event => ({
      title: `${title} frozen`,
      run: async () => freeze(cluster, await service(), awayMs),
    });
    await underLoad(cluster, [
      ...KILLED.map((service) => ({ title: `${service} killed`, run: () => kill(cluster, service) })),
      frozen('apiserver-2', () => 'apiserver-2', AWAY_MS),
      frozen('etcd leader', () => cluster.etcdLeader(), AWAY_MS),
      frozen('kubelet', () => 'kubelet', AWAY_MS),
      frozen('leading scheduler', () => cluster.leaderOf('kube-scheduler'), LEADER_AWAY_MS),
      frozen('leading controller-manager', () => cluster.leaderOf('kube-controller-manager'), LEADER_AWAY_MS),
    ]);
  },
};

/** Docker does not start again what it was told to kill. */
async function kill(cluster: ComposeCluster, service: string): Promise<void> {
  const id = await cluster.container(service);
  await docker('kill', id);
  if (service !== 'haproxy') await sleep(AWAY_MS);
  await docker('start', id);
  await cluster.healthy(service);
}

async function freeze(cluster: ComposeCluster, service: string, awayMs: number): Promise<void> {
  const id = await cluster.container(service);
  await docker('pause', id);
  await sleep(awayMs);
  await docker('unpause', id);
  await cluster.healthy(service);
}
