import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DataDir } from '../data-dir/data-dir.ts';
import { lockOwner } from '../data-dir/lock.ts';
import { isAlive } from '../data-dir/process-identity.ts';
import { readState } from '../data-dir/state.ts';
import type { ClusterState } from '../data-dir/state.ts';
import { readFlags } from '../flags.ts';
import { countReadyNodes, probe, readProbeIdentity } from '../up/probe.ts';

/** Shows every process of a data directory and whether it says that it is well; code 1 unless all are. */
export async function status(args: readonly string[]): Promise<number> {
  const { values } = readFlags(args, { 'data-dir': { type: 'string' } });
  const dataDir = DataDir.from(values['data-dir']);
  const state = readState(dataDir);
  if (!state || !lockOwner(dataDir)) {
    process.stdout.write(`Nothing runs for ${dataDir.path}\n`);
    return 1;
  }
  const identity = readProbeIdentity(join(dataDir.path, 'pki'));
  const rows: string[][] = [['COMPONENT', 'PID', 'HEALTH', 'MEMORY', 'LOG']];
  let well = true;
  for (const [name, url] of readyUrls(state)) {
    const recorded = state.processes[name];
    const alive = recorded !== undefined && isAlive(recorded);
    const answer = alive ? await probe(url, identity) : undefined;
    const health = !alive ? 'not running' : answer?.status === 200 ? 'ok' : `${answer?.status ?? 'no answer'}`;
    well &&= health === 'ok';
    rows.push([
      name,
      alive ? String(recorded.pid) : '-',
      health,
      alive ? memoryOf(recorded.pid) : '-',
      dataDir.log(name),
    ]);
  }
  process.stdout.write(table(rows));
  const ready = await countReadyNodes(state.server, identity);
  process.stdout.write(
    `\n${ready ?? '?'} of ${state.nodes} nodes Ready · ${state.server} · KUBECONFIG=${dataDir.kubeconfig}\n`,
  );
  return well ? 0 : 1;
}

function readyUrls({ server, ports, nodes, metricsServer }: ClusterState): [name: string, url: string][] {
  const urls: [name: string, url: string][] = [
    ['etcd', `http://127.0.0.1:${ports.etcdClient}/health`],
    ['kube-apiserver', `${server}/readyz`],
    ['kube-scheduler', `https://127.0.0.1:${ports.scheduler}/healthz`],
    ['kube-controller-manager', `https://127.0.0.1:${ports.controllerManager}/healthz`],
  ];
  if (nodes > 0) urls.push(['kubelet', `http://127.0.0.1:${ports.kubeletHealth}/healthz`]);
  if (metricsServer) urls.push(['metrics-server', `${server}/apis/metrics.k8s.io/v1beta1`]);
  return urls;
}

/** Resident memory; where /proc does not exist it stays unsaid. */
function memoryOf(pid: number): string {
  try {
    const kilobytes = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return `${Math.round(Number(kilobytes) / 1024)} MiB`;
  } catch {
    return '-';
  }
}

function table(rows: readonly string[][]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map(
      (row) =>
        `${row
          .map((cell, i) => cell.padEnd(widths[i]! + 3))
          .join('')
          .trimEnd()}\n`,
    )
    .join('');
}
