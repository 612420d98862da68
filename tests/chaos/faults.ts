import { setTimeout as sleep } from 'node:timers/promises';
import type { RunningEtcd } from '@pilothouse/testing';
import type { ComponentProcess } from './cluster/component-process.ts';
import type { HaCluster } from './cluster/ha-cluster.ts';

/** Something that goes wrong, and how it is put right again. */
export interface Fault {
  readonly name: string;
  /** Resolves when the harm is done; what it returns mends it, later. */
  inject(cluster: HaCluster): Promise<() => Promise<void>>;
  /** Part of the ordinary test run, which has no time for all. */
  readonly ordinary?: true;
  /** The Lease that must change hands, if one must. */
  readonly lease?: 'kube-scheduler' | 'kube-controller-manager';
}

/** How long something stays away or frozen: longer than a lease, so that others must take over. */
const AWAY_MS = 8_000;

export const FAULTS: readonly Fault[] = [
  { name: 'apiserver killed', ordinary: true, inject: ({ apiservers }) => killed(apiservers[0]!) },
  { name: 'apiserver frozen', ordinary: true, inject: ({ apiservers }) => frozen(apiservers[1]!) },
  { name: 'apiserver stopped (SIGTERM)', ordinary: true, inject: ({ apiservers }) => stopped(apiservers[0]!) },
  { name: 'apiserver cut off from etcd', inject: cutOff },
  { name: 'apiserver cut off from etcd, which is compacted meanwhile', ordinary: true, inject: cutOffAndCompacted },
  { name: 'etcd 150 ms away from an apiserver', inject: slowedDown },
  { name: 'etcd follower killed', inject: async (cluster) => etcdKilled(await follower(cluster)) },
  { name: 'etcd leader killed', ordinary: true, inject: async (cluster) => etcdKilled(await cluster.etcdLeader()) },
  { name: 'etcd leader frozen', inject: async (cluster) => etcdFrozen(await cluster.etcdLeader()) },
  { name: 'etcd leader cut off from the other members', ordinary: true, inject: etcdLeaderIsolated },
  { name: 'etcd members cut off from each other', inject: etcdSilenced },
  {
    name: 'leading scheduler killed',
    inject: (cluster) => killed(cluster.leader(cluster.schedulers)),
    lease: 'kube-scheduler',
  },
  {
    name: 'leading scheduler frozen',
    ordinary: true,
    inject: (cluster) => frozenLeader(cluster.leader(cluster.schedulers)),
    lease: 'kube-scheduler',
  },
  {
    name: 'leading controller-manager killed',
    ordinary: true,
    inject: (cluster) => killed(cluster.leader(cluster.controllerManagers)),
    lease: 'kube-controller-manager',
  },
  {
    name: 'leading controller-manager frozen',
    inject: (cluster) => frozenLeader(cluster.leader(cluster.controllerManagers)),
    lease: 'kube-controller-manager',
  },
  { name: 'kubelet killed', ordinary: true, inject: ({ kubelet }) => killed(kubelet, 2_000) },
  { name: 'HAProxy killed', ordinary: true, inject: ({ balancer }) => killed(balancer, 500) },
  {
    name: 'etcd leader, an apiserver and both leaders killed at once',
    inject: async (cluster) => {
      const { apiservers, schedulers, controllerManagers } = cluster;
      const leader = await cluster.etcdLeader();
      return together([
        etcdKilled(leader),
        killed(apiservers[1]!),
        killed(cluster.leader(schedulers)),
        killed(cluster.leader(controllerManagers)),
      ]);
    },
    lease: 'kube-scheduler',
  },
  {
    name: 'everything but etcd killed at once',
    inject: ({ apiservers, schedulers, controllerManagers, kubelet, balancer }) =>
      together(
        [...apiservers, ...schedulers, ...controllerManagers, kubelet, balancer].map((each) => killed(each, 1_000)),
      ),
  },
];

async function together(injections: readonly Promise<() => Promise<void>>[]): Promise<() => Promise<void>> {
  const mending = await Promise.all(injections);
  return async () => void (await Promise.all(mending.map((mend) => mend())));
}

async function killed(component: ComponentProcess, awayMs = AWAY_MS): Promise<() => Promise<void>> {
  await component.kill9();
  return later(awayMs, async () => component.start());
}

async function stopped(component: ComponentProcess): Promise<() => Promise<void>> {
  await component.terminate();
  return later(1_000, async () => component.start());
}

async function frozen(component: ComponentProcess): Promise<() => Promise<void>> {
  component.freeze();
  return later(AWAY_MS, async () => component.thaw());
}

/** Whoever wakes up and finds its lease gone must end, not go on. */
async function frozenLeader(component: ComponentProcess): Promise<() => Promise<void>> {
  component.freeze();
  return later(AWAY_MS, async () => {
    const ended = component.ended();
    component.thaw();
    const code = await Promise.race([ended, sleep(30_000, 'still running', { ref: false })]);
    if (code !== 1) throw new Error(`${component.name} must end with 1 when it finds its lease taken, but: ${code}`);
  });
}

async function etcdKilled(member: RunningEtcd): Promise<() => Promise<void>> {
  await member.kill9();
  return later(AWAY_MS, () => member.restart());
}

async function etcdFrozen({ pid }: RunningEtcd): Promise<() => Promise<void>> {
  process.kill(pid, 'SIGSTOP');
  return later(AWAY_MS, async () => void process.kill(pid, 'SIGCONT'));
}

async function cutOff({ etcdCables }: HaCluster): Promise<() => Promise<void>> {
  for (const cable of etcdCables) cable.swallow();
  return later(AWAY_MS, async () => etcdCables.forEach((cable) => cable.mend()));
}

/** Its place in the log is gone when it comes back: it must list everything again, and its watches end with 410. */
async function cutOffAndCompacted(cluster: HaCluster): Promise<() => Promise<void>> {
  const mend = await cutOff(cluster);
  const { kv } = cluster.etcdClient;
  return async () => {
    // As late as it can be, so that much has happened meanwhile.
    await sleep(AWAY_MS - 1_000);
    await kv.compact((await kv.get('/registry/')).revision);
    await mend();
  };
}

async function slowedDown({ etcdCables }: HaCluster): Promise<() => Promise<void>> {
  for (const cable of etcdCables) cable.delay(150);
  return later(AWAY_MS, async () => etcdCables.forEach((cable) => cable.mend()));
}

async function etcdLeaderIsolated({ peers, etcdClient, etcdLeader }: HaCluster): Promise<() => Promise<void>> {
  await peers.isolate(etcdClient, (await etcdLeader()).endpoint);
  return later(AWAY_MS, async () => peers.mend());
}

async function etcdSilenced({ peers }: HaCluster): Promise<() => Promise<void>> {
  peers.silence();
  return later(AWAY_MS / 2, async () => peers.mend());
}

async function follower({ etcd, etcdLeader }: HaCluster): Promise<RunningEtcd> {
  const leader = await etcdLeader();
  return etcd.find((member) => member !== leader)!;
}

function later(ms: number, mend: () => Promise<void>): () => Promise<void> {
  const over = sleep(ms);
  return async () => {
    await over;
    await mend();
  };
}
