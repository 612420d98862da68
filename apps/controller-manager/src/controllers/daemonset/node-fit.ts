import type { DaemonSet, Node, Pod, PodSpec, Toleration } from '@pilothouse/api';
import { requiredNodeMatcher, toleratesTaint } from '@pilothouse/controller';

export interface FittedNode {
  readonly node: Node;
  readonly shouldRun: boolean;
  /** A pod that is there already may stay. */
  readonly shouldContinue: boolean;
}

/** Daemons outlive the troubles of their node. https://kubernetes.io/docs/concepts/workloads/controllers/daemonset/#taints-and-tolerations */
const DAEMON_TOLERATIONS: readonly Toleration[] = [
  { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute' },
  { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute' },
  { key: 'node.kubernetes.io/disk-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/memory-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/pid-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/unschedulable', operator: 'Exists', effect: 'NoSchedule' },
];
const HOST_NETWORK_TOLERATION: Toleration = {
  key: 'node.kubernetes.io/network-unavailable',
  operator: 'Exists',
  effect: 'NoSchedule',
};

/** Whether the set's pods belong on each of the nodes. Resources do not count: the scheduler decides about those. */
export function fitNodes(set: DaemonSet, nodes: readonly Node[]): FittedNode[] {
  const spec = set.spec.template.spec!;
  const tolerations = daemonTolerations(spec);
  const matches = requiredNodeMatcher({ metadata: {}, spec });
  return nodes.map((node) => {
    const isChosen = (!spec.nodeName || spec.nodeName === node.metadata.name) && matches?.(node) !== false;
    if (!isChosen) return { node, shouldRun: false, shouldContinue: false };
    const untolerated = (node.spec.taints ?? []).filter((taint) => !toleratesTaint(tolerations, taint));
    return {
      node,
      shouldRun: !untolerated.some(({ effect }) => effect === 'NoSchedule' || effect === 'NoExecute'),
      shouldContinue: !untolerated.some(({ effect }) => effect === 'NoExecute'),
    };
  });
}

function daemonTolerations(spec: PodSpec): Toleration[] {
  const tolerations = [...(spec.tolerations ?? [])];
  for (const each of [...DAEMON_TOLERATIONS, ...(spec.hostNetwork ? [HOST_NETWORK_TOLERATION] : [])]) {
    if (
      !tolerations.some((own) => own.key === each.key && own.effect === each.effect && own.operator === each.operator)
    )
      tolerations.push(each);
  }
  return tolerations;
}

/** The template's pod with the daemon tolerations, pinned to the node by affinity so that the scheduler binds it. */
export function daemonPod(set: DaemonSet, node: Node): Pod {
  const spec = structuredClone(set.spec.template.spec!);
  const pin = { key: 'metadata.name', operator: 'In', values: [node.metadata.name ?? ''] };
  const required = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  const terms = required?.nodeSelectorTerms?.length
    ? required.nodeSelectorTerms.map((term) => ({ ...term, matchFields: [pin] }))
    : [{ matchFields: [pin] }];
  return {
    metadata: {},
    spec: {
      ...spec,
      tolerations: daemonTolerations(spec),
      affinity: {
        ...spec.affinity,
        nodeAffinity: {
          ...spec.affinity?.nodeAffinity,
          requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: terms },
        },
      },
    },
  };
}

/** The node a daemon pod is for, before and after it was bound. */
export function targetNodeOf(pod: Pod): string {
  if (pod.spec.nodeName) return pod.spec.nodeName;
  const terms =
    pod.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
  for (const term of terms) {
    const field = term.matchFields?.find(
      (each) => each.key === 'metadata.name' && each.operator === 'In' && each.values?.length === 1,
    );
    if (field) return field.values![0]!;
  }
  return '';
}
