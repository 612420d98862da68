import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

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
}

/** One real etcd (from the PATH) on free loopback ports with a directory of its own. */
export async function startEtcd(options: StartEtcdOptions = {}): Promise<RunningEtcd> {
  const dataDir = await mkdtemp(join(tmpdir(), 'pilothouse-etcd-'));
  const [client, peer] = [`http://127.0.0.1:${await freePort()}`, `http://127.0.0.1:${await freePort()}`];
  const flags = [
    ...['--data-dir', dataDir, '--name', 'test', '--log-level', 'error'],
    ...['--listen-client-urls', client, '--advertise-client-urls', client],
    ...['--listen-peer-urls', peer, '--initial-advertise-peer-urls', peer, '--initial-cluster', `test=${peer}`],
    ...(options.flags ?? []),
  ];
  let child = await launch(flags, client);

  return {
    endpoint: client,
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
      child = await launch(flags, client);
    },
  };
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

async function launch(flags: readonly string[], endpoint: string): Promise<ChildProcess> {
  const child = spawn('etcd', flags, { stdio: ['ignore', 'ignore', 'pipe'] });
  let complaint = '';
  child.stderr!.on('data', (chunk: Buffer) => (complaint = (complaint + chunk.toString()).slice(-4_000)));
  const failed = new Promise<never>((_, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`etcd ended with ${code}: ${complaint}`)));
  });
  await Promise.race([failed, healthy(endpoint)]);
  failed.catch(() => {});
  return child;
}

/** etcd answers `/health` on its client port once it has a leader. */
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
  await exited;
}
