import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { get } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEtcdClient, type EtcdClient } from '@pilothouse/etcd';
import { ensurePki, type Pki } from '@pilothouse/pki';
import { freePort, startEtcdCluster, type RunningEtcd } from '@pilothouse/testing';
import { bundleApp } from '../../../tools/bundle/src/bundle-app.ts';
import { ApiClient } from './api-client.ts';
import { haproxy, haproxyIsInstalled, ownBalancer } from './balancer.ts';
import { ComponentProcess } from './component-process.ts';
import { Cable } from './cable.ts';
import { eventually } from './eventually.ts';
import { PeerNetwork } from './peer-network.ts';

const APPS = ['apiserver', 'scheduler', 'controller-manager', 'kubelet'] as const;
const ROOT = join(import.meta.dirname, '..', '..', '..');

/** Shorter than the defaults (15 s, 10 s, 2 s), so that a take-over fits into a test; longer than an apiserver's fail-over. */
export const LEASE = { durationMs: 6_000, renewDeadlineMs: 5_000, retryMs: 500 };

const LOG_TAIL = 1_500;

/** What docker-compose.yml starts, as processes on loopback: two of everything, three of etcd. */
export interface HaCluster {
  readonly etcd: readonly RunningEtcd[];
  readonly etcdClient: EtcdClient;
  readonly apiservers: readonly ComponentProcess[];
  readonly balancer: ComponentProcess;
  readonly schedulers: readonly ComponentProcess[];
  readonly controllerManagers: readonly ComponentProcess[];
  readonly kubelet: ComponentProcess;
  readonly api: ApiClient;
  readonly pki: Pki;
  readonly directory: string;
  /** Between one apiserver (the second) and each member of etcd. */
  readonly etcdCables: readonly Cable[];
  readonly peers: PeerNetwork;
  /** A client of one apiserver, not by way of the balancer. */
  directly(apiserver: number): ApiClient;
  /** Of the processes given, the one that leads: each says when it begins to. */
  leader(of: readonly ComponentProcess[]): ComponentProcess;
  etcdLeader(): Promise<RunningEtcd>;
  /** Whether every apiserver says so, asked one by one, and the balancer has noticed that one of them does. */
  apiserversReady(): Promise<boolean>;
  /** What every process has said last. */
  logs(): string;
  stop(): Promise<void>;
}

export async function startHaCluster({ nodes = 3 }: { nodes?: number } = {}): Promise<HaCluster> {
  const directory = await mkdtemp(join(tmpdir(), 'pilothouse-ha-'));
  const listen = await freePort();
  const ports = [await freePort(), await freePort()] as const;
  const pki = await ensurePki(directory, {
    hosts: ['127.0.0.1', 'localhost', '10.96.0.1'],
    server: `https://127.0.0.1:${listen}`,
    components: [
      { name: 'admin', user: 'kubernetes-admin', groups: ['system:masters'] },
      { name: 'scheduler', user: 'system:kube-scheduler', groups: [] },
      { name: 'controller-manager', user: 'system:kube-controller-manager', groups: [] },
      { name: 'kubelet', user: 'pilothouse:kubelet', groups: [] },
    ],
  });
  const tls = {
    caFile: pki.path('etcd/ca.crt'),
    certFile: pki.path('etcd/server.crt'),
    keyFile: pki.path('etcd/server.key'),
  };
  const peers = new PeerNetwork();
  const etcd = await startEtcdCluster(3, { tls, peerPort: (port) => peers.advertise(port) });
  const etcdCables = await Promise.all(etcd.map(({ endpoint }) => Cable.start(Number(new URL(endpoint).port))));
  const etcdClient = createEtcdClient({
    endpoints: etcd.map(({ endpoint }) => endpoint),
    tls: { ca: readFileSync(tls.caFile), cert: readFileSync(tls.certFile), key: readFileSync(tls.keyFile) },
  });

  // What runs is what is shipped: the bundles of the images.
  await Promise.all(APPS.map((each) => bundleApp(each, ROOT, join(directory, each))));
  const app = (name: string, folder: (typeof APPS)[number], flags: readonly string[]): ComponentProcess =>
    new ComponentProcess(name, process.execPath, [join(directory, folder, 'bin', 'main.js'), ...flags]);
  const etcdOf = [
    etcd.map(({ endpoint }) => endpoint),
    // Not in the same order, so that they do not prefer the same member.
    etcdCables.map(({ port }) => `https://127.0.0.1:${port}`).reverse(),
  ];
  const apiservers = ports.map((port, index) =>
    app(`apiserver-${index + 1}`, 'apiserver', apiserverFlags(port, etcdOf[index]!, pki)),
  );
  const makeBalancer = haproxyIsInstalled() ? haproxy.bind(undefined, directory) : ownBalancer;
  const balancer = makeBalancer({ listen, apiservers: ports });
  const elected = [
    '--leader-elect=true',
    `--leader-elect-lease-duration=${LEASE.durationMs}ms`,
    `--leader-elect-renew-deadline=${LEASE.renewDeadlineMs}ms`,
    `--leader-elect-retry-period=${LEASE.retryMs}ms`,
    '--secure-port=0',
  ];
  const schedulers = [1, 2].map((number) =>
    app(`scheduler-${number}`, 'scheduler', [`--kubeconfig=${pki.kubeconfig('scheduler')}`, ...elected]),
  );
  const controllerManagers = [1, 2].map((number) =>
    app(`controller-manager-${number}`, 'controller-manager', [
      `--kubeconfig=${pki.kubeconfig('controller-manager')}`,
      `--service-account-private-key-file=${pki.path('sa.key')}`,
      `--root-ca-file=${pki.path('ca.crt')}`,
      '--use-service-account-credentials=true',
      ...elected,
    ]),
  );
  const kubelet = app('kubelet', 'kubelet', [
    `--kubeconfig=${pki.kubeconfig('kubelet')}`,
    `--nodes=${nodes}`,
    '--impersonate-nodes=true',
    '--address=127.0.0.1',
    '--port=0',
    '--healthz-port=0',
  ]);
  const api = new ApiClient(pki.kubeconfig('admin'));
  const direct = ports.map((port) => new ApiClient(pki.kubeconfig('admin'), `https://127.0.0.1:${port}`));
  const all = [...apiservers, balancer, ...schedulers, ...controllerManagers, kubelet];
  for (const each of all) each.start();
  const cluster: HaCluster = {
    ...{ etcd, etcdClient, apiservers, balancer, schedulers, controllerManagers, kubelet, api, pki, directory },
    ...{ etcdCables, peers },
    directly: (apiserver) => direct[apiserver]!,
    leader(of) {
      const leading = of.filter((each) => each.running && each.hasSaid(/Scheduler started|Controllers started/));
      if (leading.length !== 1) throw new Error(`${leading.length} of ${of.map(({ name }) => name).join()} lead`);
      return leading[0]!;
    },
    async etcdLeader() {
      for (const member of etcd) {
        const status = await etcdClient.maintenance.status(member.endpoint).catch(() => undefined);
        if (status && status.leaderId === status.memberId) return member;
      }
      throw new Error('etcd has no leader');
    },
    async apiserversReady() {
      const answers = await Promise.all([...ports, listen].map((port) => readyz(`https://127.0.0.1:${port}/readyz`)));
      return answers.every((code) => code === 200);
    },
    logs: () => all.map((each) => `── ${each.name}\n${each.log.slice(-LOG_TAIL)}\n`).join(''),
    async stop() {
      [api, ...direct].forEach((each) => each.close());
      await Promise.all([...schedulers, ...controllerManagers, kubelet].map((each) => each.terminate()));
      await Promise.all(apiservers.map((each) => each.terminate()));
      await balancer.kill9();
      etcdClient.close();
      await Promise.all(etcd.map((member) => member.stop()));
      await Promise.all([...etcdCables.map((cable) => cable.close()), peers.close()]);
      await rm(directory, { recursive: true, force: true });
    },
  };
  try {
    await eventually('every node is Ready', 60_000, async () => {
      const { body } = await api.call('GET', '/api/v1/nodes');
      const ready = (body['items'] as any[]).filter(({ status }) =>
        status.conditions?.some((each: any) => each.type === 'Ready' && each.status === 'True'),
      );
      return ready.length === nodes;
    });
    // The balancer is content with one of them.
    await eventually('every apiserver is ready', 40_000, () => cluster.apiserversReady());
    await eventually('somebody leads', 40_000, async () => {
      cluster.leader(schedulers);
      cluster.leader(controllerManagers);
      return true;
    });
  } catch (error) {
    const logs = cluster.logs();
    await cluster.stop();
    throw new Error(`${(error as Error).message}\n${logs}`, { cause: error });
  }
  return cluster;
}

function readyz(url: string): Promise<number | undefined> {
  return new Promise((resolve) => {
    const call = get(url, { rejectUnauthorized: false, agent: false, timeout: 2_000 }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    });
    call.on('timeout', () => call.destroy());
    call.on('error', () => resolve(undefined));
  });
}

function apiserverFlags(port: number, etcd: readonly string[], pki: Pki): string[] {
  return [
    '--bind-address=127.0.0.1',
    `--secure-port=${port}`,
    `--etcd-servers=${etcd.join()}`,
    `--etcd-cafile=${pki.path('etcd/ca.crt')}`,
    `--etcd-certfile=${pki.path('apiserver-etcd-client.crt')}`,
    `--etcd-keyfile=${pki.path('apiserver-etcd-client.key')}`,
    `--tls-cert-file=${pki.path('apiserver.crt')}`,
    `--tls-private-key-file=${pki.path('apiserver.key')}`,
    `--client-ca-file=${pki.path('ca.crt')}`,
    `--service-account-key-file=${pki.path('sa.pub')}`,
    `--service-account-signing-key-file=${pki.path('sa.key')}`,
    '--service-cluster-ip-range=10.96.0.0/16',
    '--authorization-mode=Node,RBAC',
    '--shutdown-delay-duration=2s',
    '--shutdown-timeout=15s',
  ];
}
