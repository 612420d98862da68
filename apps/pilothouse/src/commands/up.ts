import { setTimeout as sleep } from 'node:timers/promises';
import { ensurePki } from '@pilothouse/pki';
import { lockDataDir } from '../data-dir/lock.ts';
import { readState, writeState } from '../data-dir/state.ts';
import type { ClusterState } from '../data-dir/state.ts';
import { APISERVER_SERVICE_IP, localAddress, PKI_COMPONENTS, planComponents } from '../up/components.ts';
import { readUpOptions, UP_HELP } from '../up/options.ts';
import type { UpOptions } from '../up/options.ts';
import { chooseInternalPorts, requireFreePort } from '../up/ports.ts';
import type { ProbeIdentity } from '../up/probe.ts';
import { countReadyNodes, hasDefaultServiceAccount, readProbeIdentity } from '../up/probe.ts';
import { Progress } from '../up/progress.ts';
import { stopLeftovers } from '../up/stop-leftovers.ts';
import { Supervisor } from '../up/supervisor.ts';
import { withdrawMetrics } from '../up/withdraw-metrics.ts';
import { UserError } from '../user-error.ts';

const START_TIMEOUT_MS = 60_000;

/** Runs a cluster in the foreground until SIGINT or SIGTERM. */
export async function up(args: readonly string[]): Promise<number> {
  const options = readUpOptions(args);
  if (options.help) {
    process.stdout.write(UP_HELP);
    return 0;
  }
  const { dataDir } = options;
  const progress = new Progress(Number(process.env['PILOTHOUSE_STARTED_AT'] ?? performance.timeOrigin));
  dataDir.prepare();
  const unlock = lockDataDir(dataDir);
  try {
    progress.line(`Pilothouse · data and logs in ${dataDir.path}`);
    return await run(options, progress);
  } finally {
    unlock();
  }
}

async function run(options: UpOptions, progress: Progress): Promise<number> {
  const { dataDir, port, bindAddress, nodes } = options;
  const remembered = readState(dataDir);
  const leftovers = await stopLeftovers(remembered?.processes ?? {});
  if (leftovers.length > 0) progress.done('leftovers stopped', leftovers.join(', '));
  await requireFreePort(port, bindAddress);
  const ports = await chooseInternalPorts(remembered?.ports);
  const server = `https://${localAddress(bindAddress)}:${port}`;
  const pki = await ensurePki(dataDir.path, {
    hosts: ['localhost', '127.0.0.1', '::1', APISERVER_SERVICE_IP, ...SERVICE_NAMES, ...ownAddress(bindAddress)],
    server,
    components: PKI_COMPONENTS,
  });
  if (pki.created.length > 0) progress.done('certificates', `${pki.created.length} made`);

  const identity = readProbeIdentity(pki.path(''));
  // A state that does not say so was written when every cluster had one.
  const wasRegistered = remembered !== undefined && remembered.metricsServer !== false;
  const metricsServer = options.metricsServer || wasRegistered;
  let state: Omit<ClusterState, 'processes'> = { server, nodes, ports, metricsServer };
  const supervisor = new Supervisor(planComponents({ options, ports, pki }), dataDir, identity, {
    ready: (name) => progress.done(name, name === 'kube-apiserver' ? server : ''),
    line: (text) => progress.line(text),
    changed: (processes) => writeState(dataDir, { ...state, processes }),
  });
  process.on('exit', () => supervisor.killNow());
  const told = untilToldToStop(() => supervisor.killNow());

  try {
    const ready = supervisor.start(START_TIMEOUT_MS).then(async () => {
      if (wasRegistered && !options.metricsServer) {
        await withdrawMetrics(server, identity);
        state = { ...state, metricsServer: false };
        writeState(dataDir, { ...state, processes: supervisor.processes() });
      }
      await untilUsable(server, nodes, identity);
    });
    const first = await Promise.race([ready, told.then(() => 'stop' as const)]);
    if (first !== 'stop') {
      if (nodes > 0) progress.done(`${nodes} node${nodes === 1 ? '' : 's'} Ready`);
      progress.line(`Ready in ${progress.elapsedSeconds} s · export KUBECONFIG=${dataDir.kubeconfig}`);
      // From here on it only waits; what starting has left need not stay resident.
      globalThis.gc?.({ type: 'major', flavor: 'last-resort', execution: 'sync' });
    }
    const signal = await told;
    const since = performance.now();
    progress.line(`\n${signal}: stopping …`);
    await supervisor.stop();
    writeState(dataDir, { ...state, processes: {} });
    progress.line(`Stopped in ${((performance.now() - since) / 1000).toFixed(1)} s`);
    return 0;
  } catch (error) {
    await supervisor.stop();
    writeState(dataDir, { ...state, processes: {} });
    throw error;
  }
}

/** What a pod would call the apiserver. */
const SERVICE_NAMES = [
  'kubernetes',
  'kubernetes.default',
  'kubernetes.default.svc',
  'kubernetes.default.svc.cluster.local',
];

function ownAddress(bindAddress: string): string[] {
  return bindAddress === '0.0.0.0' || bindAddress === '::' ? [] : [bindAddress];
}

async function untilUsable(server: string, nodes: number, identity: ProbeIdentity): Promise<void> {
  const deadline = performance.now() + START_TIMEOUT_MS;
  for (;;) {
    const ready = nodes === 0 ? 0 : await countReadyNodes(server, identity);
    const enough = ready !== undefined && ready >= nodes;
    if (enough && (await hasDefaultServiceAccount(server, identity))) return;
    if (performance.now() > deadline) {
      const late = `after ${START_TIMEOUT_MS / 1000} s`;
      throw new UserError(
        enough
          ? `there is no service account in the namespace default ${late}; see the kube-controller-manager's log`
          : `only ${ready ?? 0} of ${nodes} nodes are Ready ${late}; see the kubelet's log`,
      );
    }
    await sleep(25);
  }
}

/** npm passes on the SIGINT that the terminal has already sent, so what comes this soon is the same wish. */
const SAME_WISH_MS = 500;

/** Nobody would ever stop a cluster whose `npm start` was killed. */
const ORPHAN_CHECK_MS = 1000;

/** The first signal asks, a second one insists. */
function untilToldToStop(insist: () => void): Promise<string> {
  return new Promise((resolve) => {
    let askedMs: number | undefined;
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(signal, () => {
        askedMs ??= performance.now();
        if (performance.now() - askedMs > SAME_WISH_MS) insist();
        resolve(signal);
      });
    }
    const parent = process.ppid;
    const orphaned = (): void => {
      if (process.ppid !== parent) resolve('npm is gone');
    };
    if (process.env['npm_lifecycle_event'] === 'start') setInterval(orphaned, ORPHAN_CHECK_MS).unref();
  });
}
