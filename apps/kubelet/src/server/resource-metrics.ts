import type { PodWorker } from '../pods/pod-worker.ts';
import { sendText } from './route.ts';
import type { Route } from './route.ts';
import { servedNode } from './served-node.ts';
import { labelsOf, podUsage } from './usage.ts';
import type { Usage } from './usage.ts';

/** `GET /metrics/resource`: what the metrics server scrapes. Names and types are upstream's. */
export const resourceMetrics: Route = {
  method: 'GET',
  path: /^\/metrics\/resource$/,
  serve({ request, query, response, services }) {
    const nowMs = services.clock.now().getTime();
    const rows = services.podManager
      .list(servedNode(request, query, services))
      .map((worker) => ({ worker, usage: podUsage(worker, services.runtime, services.clock.now()) }))
      .filter(({ usage }) => usage.length > 0);
    sendText(response, exposition(rows, nowMs), 'text/plain; version=0.0.4; charset=utf-8');
  },
};

function exposition(rows: readonly { worker: PodWorker; usage: readonly Usage[] }[], nowMs: number): string {
  const all = rows.flatMap(({ usage }) => usage);
  const perContainer = (value: (usage: Usage) => number): string[] =>
    rows.flatMap(({ worker, usage }) =>
      usage.map((each) => `{container="${each.name}",${labelsOf(worker.pod)}} ${value(each)} ${nowMs}`),
    );
  const perPod = (value: (usage: Usage) => number): string[] =>
    rows.map(({ worker, usage }) => `{${labelsOf(worker.pod)}} ${sum(usage, value)} ${nowMs}`);
  const cpu = ({ coreSeconds }: Usage): number => coreSeconds;
  const memory = ({ memoryBytes }: Usage): number => memoryBytes;
  return [
    metric(
      'container_cpu_usage_seconds_total',
      'counter',
      'Cumulative cpu time consumed by the container in core-seconds',
      perContainer(cpu),
    ),
    metric(
      'container_memory_working_set_bytes',
      'gauge',
      'Current working set of the container in bytes',
      perContainer(memory),
    ),
    metric(
      'container_start_time_seconds',
      'gauge',
      'Start time of the container since unix epoch in seconds',
      perContainer(({ startedAt }) => startedAt.getTime() / 1000),
    ),
    metric('node_cpu_usage_seconds_total', 'counter', 'Cumulative cpu time consumed by the node in core-seconds', [
      ` ${sum(all, cpu)} ${nowMs}`,
    ]),
    metric('node_memory_working_set_bytes', 'gauge', 'Current working set of the node in bytes', [
      ` ${sum(all, memory)} ${nowMs}`,
    ]),
    metric(
      'pod_cpu_usage_seconds_total',
      'counter',
      'Cumulative cpu time consumed by the pod in core-seconds',
      perPod(cpu),
    ),
    metric('pod_memory_working_set_bytes', 'gauge', 'Current working set of the pod in bytes', perPod(memory)),
    metric('resource_scrape_error', 'gauge', '1 if there was an error while getting container metrics, 0 otherwise', [
      ' 0',
    ]),
  ].join('');
}

function metric(name: string, type: string, help: string, samples: readonly string[]): string {
  return `# HELP ${name} [STABLE] ${help}\n# TYPE ${name} ${type}\n${samples.map((sample) => `${name}${sample}\n`).join('')}`;
}

function sum(usage: readonly Usage[], value: (usage: Usage) => number): number {
  return usage.reduce((total, each) => total + value(each), 0);
}
