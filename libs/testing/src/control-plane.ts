import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { ensurePki, type Pki } from '@pilothouse/pki';
import { startEtcd, type RunningEtcd } from './etcd.ts';
import { freePort } from './free-port.ts';

const MAIN = fileURLToPath(new URL('../../../apps/apiserver/src/main.ts', import.meta.url));
const START_TIMEOUT_MS = 20_000;
const LOG_TAIL_BYTES = 8_000;

export interface StartApiserverOptions {
  /** Further flags; they win over the usual ones. */
  readonly flags?: readonly string[];
  /** Share the data of another; left running by `stop`. */
  readonly etcd?: RunningEtcd;
  /** Share the certificates of another. */
  readonly pki?: Pki;
  /** Users with a kubeconfig of their own beside the administrator's. */
  readonly users?: readonly { readonly name: string; readonly user: string; readonly groups: readonly string[] }[];
}

export interface RunningApiserver {
  /** `https://127.0.0.1:<port>` */
  readonly server: string;
  readonly port: number;
  readonly etcd: RunningEtcd;
  readonly pki: Pki;
  /** Of an administrator (`system:masters`), or of one of `users`. */
  kubeconfig(name?: string): string;
  /** What it logged last. */
  log(): string;
  /** SIGTERM; its data goes too unless somebody else started etcd. */
  stop(): Promise<void>;
  /** SIGKILL, as a crash. */
  kill9(): Promise<void>;
}

/** A real etcd and a real apiserver process over it, on free loopback ports. Ready when it resolves. */
export async function startApiserver(options: StartApiserverOptions = {}): Promise<RunningApiserver> {
  const etcd = options.etcd ?? (await startEtcd());
  const dir = await mkdtemp(join(tmpdir(), 'pilothouse-apiserver-'));
  const port = await freePort();
  const server = `https://127.0.0.1:${port}`;
  const pki = await ensurePki(options.pki?.dir ?? dir, {
    hosts: ['127.0.0.1', 'localhost', 'kubernetes.default.svc', '10.0.0.1'],
    server,
    components: [{ name: 'admin', user: 'kubernetes-admin', groups: ['system:masters'] }, ...(options.users ?? [])],
  });
  const flags = [
    ...[
      '--bind-address=127.0.0.1',
      '--kubelet-preferred-address-types=InternalIP',
      `--secure-port=${port}`,
      `--etcd-servers=${etcd.endpoint}`,
    ],
    ...[`--tls-cert-file=${pki.path('apiserver.crt')}`, `--tls-private-key-file=${pki.path('apiserver.key')}`],
    `--client-ca-file=${pki.path('ca.crt')}`,
    `--service-account-key-file=${pki.path('sa.pub')}`,
    `--service-account-signing-key-file=${pki.path('sa.key')}`,
    `--kubelet-client-certificate=${pki.path('apiserver-kubelet-client.crt')}`,
    `--kubelet-client-key=${pki.path('apiserver-kubelet-client.key')}`,
    ...(options.flags ?? []),
  ];
  const child = spawn(process.execPath, [MAIN, ...flags], { stdio: ['ignore', 'ignore', 'pipe'] });
  let tail = '';
  child.stderr!.on('data', (chunk: Buffer) => (tail = (tail + chunk.toString()).slice(-LOG_TAIL_BYTES)));
  await ready(child, server, () => tail);

  return {
    server,
    port,
    etcd,
    pki,
    kubeconfig: (name = 'admin') => pki.kubeconfig(name),
    log: () => tail,
    kill9: () => end(child, 'SIGKILL'),
    async stop() {
      await end(child, 'SIGTERM');
      if (options.etcd === undefined) await etcd.stop();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

async function ready(child: ChildProcess, server: string, tail: () => string): Promise<void> {
  const giveUp = performance.now() + START_TIMEOUT_MS;
  while (performance.now() < giveUp) {
    if (child.exitCode !== null) throw new Error(`the apiserver ended with ${child.exitCode}: ${tail()}`);
    if (await isReady(server)) return;
    await sleep(20);
  }
  child.kill('SIGKILL');
  throw new Error(`the apiserver did not become ready: ${tail()}`);
}

async function isReady(server: string): Promise<boolean> {
  const { request } = await import('node:https');
  return new Promise((resolve) => {
    const probe = request(`${server}/readyz`, { rejectUnauthorized: false, timeout: 2_000 }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    probe.on('error', () => resolve(false));
    probe.on('timeout', () => probe.destroy());
    probe.end();
  });
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill(signal);
  await exited;
}
