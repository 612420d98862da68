import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from './free-port.ts';

const START_TIMEOUT_MS = 20_000;

export interface RunningEtcd {
  readonly endpoint: string;
  readonly dataDir: string;
  /** Changes with every restart. */
  readonly pid: number;
  /** Ends it (SIGTERM) and removes its data. */
  stop(): Promise<void>;
  /** As a crash would: SIGKILL; the data stays for `restart`. */
  kill9(): Promise<void>;
  /** Starts it again on the same data and port, ending it first if it runs. */
  restart(): Promise<void>;
}

export interface StartEtcdOptions {
  /** Further flags, such as `--quota-backend-bytes=16777216`. */
  readonly flags?: readonly string[];
  /** From the peer port that a member listens on to the one that the others are told: a proxy between them. */
  readonly peerPort?: (listening: number) => Promise<number>;
  /** Mutual TLS for clients. */
  readonly tls?: { readonly caFile: string; readonly certFile: string; readonly keyFile: string };
}

/** One real etcd (from PILOTHOUSE_ETCD, else from the PATH) on free loopback ports with a directory of its own. */
export async function startEtcd(options: StartEtcdOptions = {}): Promise<RunningEtcd> {
  const [member] = await startEtcdCluster(1, options);
  return member!;
}

/** Several that make one cluster; resolves when it has a leader. */
export async function startEtcdCluster(size: number, options: StartEtcdOptions = {}): Promise<RunningEtcd[]> {
  const peers: Peer[] = [];
  for (let member = 0; member < size; member++) {
    const port = await freePort();
    const advertised = (await options.peerPort?.(port)) ?? port;
    peers.push({ listens: `http://127.0.0.1:${port}`, advertises: `http://127.0.0.1:${advertised}` });
  }
  const cluster = peers.map(({ advertises }, member) => `member${member}=${advertises}`).join();
  return Promise.all(peers.map((peer, member) => startMember(`member${member}`, peer, cluster, options)));
}

interface Peer {
  readonly listens: string;
  readonly advertises: string;
}

async function startMember(
  name: string,
  peer: Peer,
  cluster: string,
  { flags: more = [], tls }: StartEtcdOptions,
): Promise<RunningEtcd> {
  const dataDir = await mkdtemp(join(tmpdir(), 'pilothouse-etcd-'));
  const endpoint = `${tls ? 'https' : 'http'}://127.0.0.1:${await freePort()}`;
  // Health is asked for without TLS, whatever the clients use.
  const metrics = `http://127.0.0.1:${await freePort()}`;
  const flags = [
    ...['--data-dir', dataDir, '--name', name, '--log-level', 'error'],
    ...['--listen-client-urls', endpoint, '--advertise-client-urls', endpoint, '--listen-metrics-urls', metrics],
    ...['--listen-peer-urls', peer.listens, '--initial-advertise-peer-urls', peer.advertises],
    ...['--initial-cluster', cluster],
    ...(tls ? ['--cert-file', tls.certFile, '--key-file', tls.keyFile] : []),
    ...(tls ? ['--client-cert-auth', '--trusted-ca-file', tls.caFile] : []),
    ...more,
  ];
  let child = await launch(flags, metrics);

  return {
    endpoint,
    dataDir,
    get pid() {
      return child.pid!;
    },
    async stop() {
      await end(child, 'SIGTERM');
      await rm(dataDir, { recursive: true, force: true });
    },
    kill9: () => end(child, 'SIGKILL'),
    async restart() {
      await end(child, 'SIGTERM');
      child = await launch(flags, metrics);
    },
  };
}

async function launch(flags: readonly string[], endpoint: string): Promise<ChildProcess> {
  const child = spawn(process.env.PILOTHOUSE_ETCD ?? 'etcd', flags, { stdio: ['ignore', 'ignore', 'pipe'] });
  let complaint = '';
  child.stderr!.on('data', (chunk: Buffer) => (complaint = (complaint + chunk.toString()).slice(-4_000)));
  // A test run that ends early must not leave it behind.
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  child.once('exit', () => process.off('exit', kill));
  const failed = new Promise<never>((_, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`etcd ended with ${code}: ${complaint}`)));
  });
  await Promise.race([failed, healthy(endpoint)]);
  failed.catch(() => {});
  return child;
}

/** etcd answers `/health` once it has a leader. */
async function healthy(endpoint: string): Promise<void> {
  const giveUp = performance.now() + START_TIMEOUT_MS;
  while (performance.now() < giveUp) {
    try {
      const answer = await fetch(`${endpoint}/health`, { signal: AbortSignal.timeout(1_000) });
      if (answer.ok && ((await answer.json()) as { health: string }).health === 'true') return;
    } catch {
      // Not listening yet.
    }
    await sleep(20);
  }
  throw new Error(`etcd at ${endpoint} did not become healthy`);
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill(signal);
  // A stopped process acts on a signal only when it goes on.
  child.kill('SIGCONT');
  await exited;
}
