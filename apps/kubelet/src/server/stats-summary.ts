import type { PodWorker } from '../pods/pod-worker.ts';
import { timestamp } from '../pods/pod-containers.ts';
import { amountOf } from '../pods/field-ref.ts';
import { sendJson } from './route.ts';
import type { Route } from './route.ts';
import { servedNode } from './served-node.ts';
import { podUsage } from './usage.ts';
import type { Usage } from './usage.ts';

/** `GET /stats/summary`. https://kubernetes.io/docs/reference/instrumentation/node-metrics/ */
export const statsSummary: Route = {
  method: 'GET',
  path: /^\/stats\/summary$/,
  serve({ request, query, response, services }) {
    const { fleet, podManager, runtime, clock } = services;
    const nodeName = servedNode(request, query, services) ?? fleet.list()[0]?.nodeName ?? '';
    const now = clock.now();
    const rows = podManager.list(nodeName).map((worker) => ({ worker, usage: podUsage(worker, runtime, now) }));
    const all = rows.flatMap(({ usage }) => usage);
    const memory = amountOf(fleet.get(nodeName)?.node().status?.capacity?.['memory'] ?? '0');
    const node = {
      nodeName,
      startTime: fleet.get(nodeName)?.node().metadata.creationTimestamp,
      ...figures(all, now, memory),
    };
    sendJson(response, {
      node,
      pods: rows.filter(({ usage }) => usage.length > 0).map(({ worker, usage }) => podStats(worker, usage, now)),
    });
  },
};

function podStats({ pod, uid }: PodWorker, usage: readonly Usage[], now: Date): object {
  return {
    podRef: { name: pod.metadata.name, namespace: pod.metadata.namespace, uid },
    startTime: pod.status?.startTime,
    containers: usage.map((each) => ({
      name: each.name,
      startTime: timestamp(each.startedAt),
      ...figures([each], now),
    })),
    ...figures(usage, now),
  };
}

function figures(usage: readonly Usage[], now: Date, capacityBytes?: number): object {
  const total = (value: (each: Usage) => number): number => usage.reduce((sum, each) => sum + value(each), 0);
  const bytes = total(({ memoryBytes }) => memoryBytes);
  const time = timestamp(now);
  return {
    cpu: {
      time,
      usageNanoCores: Math.round(total(({ cores }) => cores) * 1e9),
      usageCoreNanoSeconds: Math.round(total(({ coreSeconds }) => coreSeconds) * 1e9),
    },
    memory: {
      time,
      ...(capacityBytes === undefined ? {} : { availableBytes: capacityBytes - bytes }),
      usageBytes: bytes,
      workingSetBytes: bytes,
      rssBytes: bytes,
    },
  };
}
