import { join } from 'node:path';
import type { Pki } from '@pilothouse/pki';
import type { InternalPorts } from '../data-dir/state.ts';
import { REPOSITORY } from '../repository.ts';
import type { UpOptions } from './options.ts';

/** One process of the cluster: how it is started, how one sees that it is ready, and when it is stopped. */
export interface ComponentSpec {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Answers 200 when the component is ready. */
  readonly readyUrl: string;
  /** Higher layers are stopped first, so that nobody loses what it works with: etcd is at the bottom. */
  readonly layer: 0 | 1 | 2;
  /** Killed when it has not ended after this long. */
  readonly stopTimeoutMs: number;
}

/** Who comes to the apiserver, and as whom; upstream's names. */
export const PKI_COMPONENTS = [
  { name: 'admin', user: 'kubernetes-admin', groups: ['system:masters'] },
  { name: 'scheduler', user: 'system:kube-scheduler', groups: [] },
  { name: 'controller-manager', user: 'system:kube-controller-manager', groups: [] },
  // One process plays every node: it writes as system:node:<name>, whom it may impersonate.
  { name: 'kubelet', user: 'pilothouse:kubelet', groups: [] },
  { name: 'metrics-server', user: 'pilothouse:metrics-server', groups: [] },
] as const;

/** The first address of the service range is the apiserver's own, so its certificate must name it. */
const SERVICE_CIDR = '10.96.0.0/12';
export const APISERVER_SERVICE_IP = '10.96.0.1';

export interface ClusterPlan {
  readonly options: UpOptions;
  readonly ports: InternalPorts;
  readonly pki: Pki;
}

/** Every process of the cluster with its whole command line. They are all started at once. */
export function planComponents({ options, ports, pki }: ClusterPlan): ComponentSpec[] {
  const components = [
    etcd(options, ports),
    apiserver(options, ports, pki),
    scheduler(ports, pki),
    controllerManager(ports, pki),
    ...(options.nodes > 0 ? [kubelet(options, ports, pki)] : []),
    ...(options.metricsServer ? [metricsServer(options, pki)] : []),
  ];
  return components.map((each) => ({ ...each, args: [...each.args, ...(options.extra.get(each.name) ?? [])] }));
}

function etcd({ etcdBinary, dataDir }: UpOptions, ports: InternalPorts): ComponentSpec {
  const client = `http://127.0.0.1:${ports.etcdClient}`;
  const peer = `http://127.0.0.1:${ports.etcdPeer}`;
  return {
    name: 'etcd',
    command: etcdBinary,
    args: [
      '--name=pilothouse',
      `--data-dir=${dataDir.etcd}`,
      `--listen-client-urls=${client}`,
      `--advertise-client-urls=${client}`,
      `--listen-peer-urls=${peer}`,
      `--initial-advertise-peer-urls=${peer}`,
      `--initial-cluster=pilothouse=${peer}`,
      `--quota-backend-bytes=${8 * 2 ** 30}`,
      // The only member has nobody to wait for; with the defaults every start loses a second to its own election.
      '--heartbeat-interval=20',
      '--election-timeout=100',
    ],
    readyUrl: `${client}/health`,
    layer: 0,
    stopTimeoutMs: 1500,
  };
}

function apiserver({ port, bindAddress }: UpOptions, ports: InternalPorts, pki: Pki): ComponentSpec {
  return ourProcess('kube-apiserver', 'apiserver', {
    layer: 1,
    readyUrl: `https://${localAddress(bindAddress)}:${port}/readyz`,
    nodeFlags: ['--expose-gc'],
    flags: {
      'etcd-servers': `http://127.0.0.1:${ports.etcdClient}`,
      'secure-port': port,
      'bind-address': bindAddress,
      'tls-cert-file': pki.path('apiserver.crt'),
      'tls-private-key-file': pki.path('apiserver.key'),
      'client-ca-file': pki.path('ca.crt'),
      'service-account-key-file': pki.path('sa.pub'),
      'service-account-signing-key-file': pki.path('sa.key'),
      'service-account-issuer': 'https://kubernetes.default.svc.cluster.local',
      'service-cluster-ip-range': SERVICE_CIDR,
      'requestheader-client-ca-file': pki.path('front-proxy-ca.crt'),
      'proxy-client-cert-file': pki.path('front-proxy-client.crt'),
      'proxy-client-key-file': pki.path('front-proxy-client.key'),
      'kubelet-client-certificate': pki.path('apiserver-kubelet-client.crt'),
      'kubelet-client-key': pki.path('apiserver-kubelet-client.key'),
      'kubelet-certificate-authority': pki.path('ca.crt'),
      'kubelet-preferred-address-types': 'InternalIP,ExternalIP,Hostname',
      'authorization-mode': 'Node,RBAC',
    },
  });
}

function scheduler(ports: InternalPorts, pki: Pki): ComponentSpec {
  return ourProcess('kube-scheduler', 'scheduler', {
    layer: 2,
    readyUrl: `https://127.0.0.1:${ports.scheduler}/healthz`,
    nodeFlags: SMALL_HEAP,
    flags: {
      kubeconfig: pki.kubeconfig('scheduler'),
      'leader-elect': false,
      ...healthPort(ports.scheduler, 'kube-scheduler', pki),
    },
  });
}

function controllerManager(ports: InternalPorts, pki: Pki): ComponentSpec {
  return ourProcess('kube-controller-manager', 'controller-manager', {
    layer: 2,
    readyUrl: `https://127.0.0.1:${ports.controllerManager}/healthz`,
    nodeFlags: SMALL_HEAP,
    flags: {
      kubeconfig: pki.kubeconfig('controller-manager'),
      'leader-elect': false,
      'use-service-account-credentials': true,
      'service-account-private-key-file': pki.path('sa.key'),
      'root-ca-file': pki.path('ca.crt'),
      'cluster-signing-cert-file': pki.path('ca.crt'),
      'cluster-signing-key-file': pki.path('ca.key'),
      ...healthPort(ports.controllerManager, 'kube-controller-manager', pki),
    },
  });
}

function kubelet({ nodes }: UpOptions, ports: InternalPorts, pki: Pki): ComponentSpec {
  return ourProcess('kubelet', 'kubelet', {
    layer: 2,
    readyUrl: `http://127.0.0.1:${ports.kubeletHealth}/healthz`,
    nodeFlags: SMALL_HEAP,
    flags: {
      kubeconfig: pki.kubeconfig('kubelet'),
      nodes,
      'impersonate-nodes': true,
      'node-name-prefix': 'node-',
      // Simulated pods cost little: three nodes hold a Deployment of a thousand.
      'max-pods': 500,
      address: '127.0.0.1',
      port: ports.kubelet,
      'healthz-port': ports.kubeletHealth,
      'tls-cert-file': pki.path('kubelet.crt'),
      'tls-private-key-file': pki.path('kubelet.key'),
      'client-ca-file': pki.path('ca.crt'),
    },
  });
}

function metricsServer({ port, bindAddress }: UpOptions, pki: Pki): ComponentSpec {
  return ourProcess('metrics-server', 'metrics-server', {
    layer: 2,
    // Asked through the apiserver: it takes whatever port is free, and is of use once it is found.
    readyUrl: `https://${localAddress(bindAddress)}:${port}/apis/metrics.k8s.io/v1beta1`,
    nodeFlags: SMALL_HEAP,
    flags: {
      kubeconfig: pki.kubeconfig('metrics-server'),
      'bind-address': '127.0.0.1',
      'secure-port': 0,
      'tls-cert-file': pki.path('metrics-server.crt'),
      'tls-private-key-file': pki.path('metrics-server.key'),
      'requestheader-client-ca-file': pki.path('front-proxy-ca.crt'),
      // Simulated usage changes when an annotation does: no reason to show it late.
      'metric-resolution': '1s',
      'register-external-name': 'localhost',
      'register-ca-file': pki.path('ca.crt'),
    },
  });
}

/** Where throughput is not decided: a young generation of 8 MB instead of 16 keeps a busy process small. */
const SMALL_HEAP = ['--max-semi-space-size=8', '--expose-gc'];

/** Well below the supervisor's own limit, which ends in SIGKILL. */
const SHUTDOWN_TIMEOUT_MS = 1200;

interface OurProcess {
  readonly layer: ComponentSpec['layer'];
  readonly readyUrl: string;
  readonly nodeFlags: readonly string[];
  readonly flags: Readonly<Record<string, string | number | boolean>>;
}

function ourProcess(name: string, app: string, { layer, readyUrl, nodeFlags, flags }: OurProcess): ComponentSpec {
  const all = { ...flags, 'shutdown-timeout': `${SHUTDOWN_TIMEOUT_MS}ms` };
  return {
    name,
    command: process.execPath,
    args: [
      ...nodeFlags,
      join(REPOSITORY, 'apps', app, 'src', 'main.ts'),
      ...Object.entries(all).map(([flag, value]) => `--${flag}=${value}`),
    ],
    readyUrl,
    layer,
    stopTimeoutMs: SHUTDOWN_TIMEOUT_MS + 300,
  };
}

function healthPort(port: number, certificate: string, pki: Pki): Record<string, string | number> {
  return {
    'bind-address': '127.0.0.1',
    'secure-port': port,
    'tls-cert-file': pki.path(`${certificate}.crt`),
    'tls-private-key-file': pki.path(`${certificate}.key`),
    'client-ca-file': pki.path('ca.crt'),
  };
}

/** An address under which this machine reaches what listens on `bindAddress`. */
export function localAddress(bindAddress: string): string {
  if (bindAddress === '0.0.0.0' || bindAddress === '::') return '127.0.0.1';
  return bindAddress.includes(':') ? `[${bindAddress}]` : bindAddress;
}
