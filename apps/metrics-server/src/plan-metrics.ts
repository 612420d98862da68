import type { KubeObject } from '@pilothouse/apimachinery';
import type { Node, Pod } from '@pilothouse/api';
import type { Figures, NodeSummary } from './node-summary.ts';

const API_VERSION = 'metrics.k8s.io/v1beta1';
/** A kubelet's usageNanoCores is the rate over about as long. */
const WINDOW = '10s';

/** `NodeMetrics` of the nodes that were measured. */
export function planNodeMetrics(nodes: readonly Node[], summaries: ReadonlyMap<string, NodeSummary>): KubeObject[] {
  return nodes.flatMap((node) => {
    const summary = summaries.get(node.metadata.name ?? '');
    const usage = summary && usageOf(summary.node);
    if (!summary || !usage) return [];
    return [{ ...head('NodeMetrics', node), timestamp: timeOf(summary.node), window: WINDOW, usage } as KubeObject];
  });
}

/** `PodMetrics` of the pods of which every container was measured. */
export function planPodMetrics(pods: readonly Pod[], summaries: ReadonlyMap<string, NodeSummary>): KubeObject[] {
  const measured = new Map(
    [...summaries.values()].flatMap(({ pods: some = [] }) =>
      some.map((each) => [`${each.podRef.namespace}/${each.podRef.name}`, each] as const),
    ),
  );
  return pods.flatMap((pod) => {
    const found = measured.get(`${pod.metadata.namespace}/${pod.metadata.name}`)?.containers ?? [];
    const containers = found.map((each) => ({ name: each.name, usage: usageOf(each) }));
    if (containers.length === 0 || containers.some(({ usage }) => !usage)) return [];
    return [{ ...head('PodMetrics', pod), timestamp: timeOf(found[0]!), window: WINDOW, containers } as KubeObject];
  });
}

function head(kind: string, { metadata }: KubeObject) {
  const { name, namespace, labels, creationTimestamp } = metadata ?? {};
  return {
    kind,
    apiVersion: API_VERSION,
    metadata: { name, ...(namespace ? { namespace } : {}), ...(labels ? { labels } : {}), creationTimestamp },
  };
}

const timeOf = ({ cpu, memory }: Figures): string => cpu?.time ?? memory?.time ?? '';

/** CPU to the nano core and memory to the kibibyte, as the metrics server writes them. */
function usageOf({ cpu, memory }: Figures): { cpu: string; memory: string } | undefined {
  if (cpu?.usageNanoCores === undefined || memory?.workingSetBytes === undefined) return undefined;
  const { usageNanoCores: nano } = cpu;
  return {
    cpu: nano === 0 ? '0' : `${nano}n`,
    memory: `${Math.ceil(memory.workingSetBytes / 1024)}Ki`,
  };
}
