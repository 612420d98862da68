// From `npm start` (dependencies installed) to the first Running pod of a Deployment, and what the processes weigh when
// they have been idle for a while.
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { NpmStart } from '../e2e/npm-start.ts';

const RUNS = 3;
const IDLE_MS = 10_000;

const fresh: number[] = [];
const again: number[] = [];
let memory = '';

for (let i = 0; i < RUNS; i++) {
  const first = await measure();
  fresh.push(first.seconds);
  await first.cluster.kubectl('delete', 'deployment', 'web', '--cascade=foreground');
  await first.cluster.stop();
  const second = await measure({ dataDir: first.cluster.dataDir, port: first.cluster.port });
  again.push(second.seconds);
  if (i === RUNS - 1) {
    await sleep(IDLE_MS);
    memory = weigh(second.cluster);
  }
  await second.cluster.remove();
}

process.stdout.write(`npm start to first Running pod, fresh data directory: ${show(fresh)}\n`);
process.stdout.write(`npm start to first Running pod, same data directory:  ${show(again)}\n`);
process.stdout.write(memory);

async function measure(options?: { dataDir: string; port: number }): Promise<{ cluster: NpmStart; seconds: number }> {
  const since = performance.now();
  const cluster = await NpmStart.ready(options);
  await cluster.kubectl('create', 'deployment', 'web', '--image=nginx');
  const running = '{range .items[?(@.status.phase=="Running")]}{.metadata.name}{end}';
  while ((await cluster.kubectl('get', 'pods', '-l', 'app=web', '-o', `jsonpath=${running}`)) === '') await sleep(10);
  return { cluster, seconds: (performance.now() - since) / 1000 };
}

/** Resident and proportional memory: most of a Node process's resident pages are Node's own code, which all share. */
function weigh(cluster: NpmStart): string {
  const rows = Object.entries({ supervisor: cluster.pid, ...cluster.processes() }).map(([name, pid]) => {
    const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
    const megabytes = (field: string): number =>
      Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(rollup)![1]) / 1024;
    return { name, rss: megabytes('Rss'), pss: megabytes('Pss') };
  });
  const ours = rows.filter(({ name }) => name !== 'etcd');
  const total = { name: 'all but etcd', rss: sum(ours.map(({ rss }) => rss)), pss: sum(ours.map(({ pss }) => pss)) };
  return [...rows, total]
    .map(
      ({ name, rss, pss }) =>
        `${name.padEnd(26)}RSS ${rss.toFixed(0).padStart(4)} MiB   PSS ${pss.toFixed(0).padStart(4)} MiB\n`,
    )
    .join('');
}

function sum(values: readonly number[]): number {
  return values.reduce((total, each) => total + each, 0);
}

function show(seconds: readonly number[]): string {
  return `${seconds.map((each) => each.toFixed(2)).join(', ')} s`;
}
