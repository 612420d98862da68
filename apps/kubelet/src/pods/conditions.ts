import type { ContainerStatus, Pod, PodCondition } from '@pilothouse/api';
import { isSidecar } from './pod-containers.ts';

/** The condition types that the kubelet owns, in the order in which it writes them. */
export const KUBELET_CONDITIONS = [
  'PodReadyToStartContainers',
  'Initialized',
  'Ready',
  'ContainersReady',
  'PodScheduled',
];

/** Those that say how far a resize has come; absent when there is none. */
const RESIZE_CONDITIONS = ['PodResizePending', 'PodResizeInProgress'];

/** Others write it, too: it is the kubelet's own only when the kubelet has evicted the pod. */
const DISRUPTION_TARGET = 'DisruptionTarget';

export interface ConditionInput {
  readonly pod: Pod;
  readonly phase: string;
  readonly statuses: readonly ContainerStatus[];
  readonly resizePending?: { readonly reason: string; readonly message: string };
  readonly isResizing: boolean;
  /** Why the kubelet has evicted it. */
  readonly evictionMessage?: string;
  readonly sandboxReady: boolean;
  readonly now: string;
}

/**
 * All conditions of a pod: those of others as they are (readiness gates, disruption), then the kubelet's own. A
 * transition time changes only with the status.
 */
export function podConditions(input: ConditionInput): PodCondition[] {
  const { pod, sandboxReady, resizePending, isResizing, evictionMessage, now } = input;
  const before = pod.status?.conditions ?? [];
  const ours = [
    ...RESIZE_CONDITIONS,
    ...(evictionMessage === undefined ? [] : [DISRUPTION_TARGET]),
    ...KUBELET_CONDITIONS,
  ];
  const foreign = before.filter(({ type }) => !ours.includes(type));
  const containersReady = containersReadyVerdict(input);
  const verdicts: Record<string, Verdict> = {
    ...(resizePending ? { PodResizePending: { holds: true, ...resizePending } } : {}),
    ...(isResizing ? { PodResizeInProgress: { holds: true } } : {}),
    ...(evictionMessage === undefined
      ? {}
      : { [DISRUPTION_TARGET]: { holds: true, reason: 'TerminationByKubelet', message: evictionMessage } }),
    PodReadyToStartContainers: { holds: sandboxReady },
    Initialized: initializedVerdict(input),
    Ready: containersReady.holds ? readinessGatesVerdict(pod, foreign) : containersReady,
    ContainersReady: containersReady,
    PodScheduled: { holds: true },
  };
  const { generation } = pod.metadata;
  const own = ours
    .filter((type) => verdicts[type])
    .map((type): PodCondition => {
      const { holds, reason, message } = verdicts[type]!;
      const status = holds ? 'True' : 'False';
      const old = before.find((condition) => condition.type === type);
      return {
        type,
        ...(generation ? { observedGeneration: generation } : {}),
        status,
        lastProbeTime: null,
        lastTransitionTime: old?.status === status && old.lastTransitionTime ? old.lastTransitionTime : now,
        ...(reason ? { reason } : {}),
        ...(message ? { message } : {}),
      };
    });
  return [...foreign, ...own];
}

interface Verdict {
  readonly holds: boolean;
  readonly reason?: string;
  readonly message?: string;
}

function containersReadyVerdict({ pod, phase, statuses }: ConditionInput): Verdict {
  const names = [...(pod.spec.initContainers ?? []).filter(isSidecar), ...pod.spec.containers].map(({ name }) => name);
  const unknown = names.filter((name) => !statuses.some((status) => status.name === name));
  const unready = names.filter((name) => statuses.some((status) => status.name === name && !status.ready));
  if (phase === 'Succeeded' && unknown.length === 0) return { holds: false, reason: 'PodCompleted' };
  if (phase === 'Failed') return { holds: false, reason: 'PodFailed' };
  return verdictOf('ContainersNotReady', unknown, 'unready', unready);
}

function initializedVerdict({ pod, phase, statuses }: ConditionInput): Verdict {
  const init = pod.spec.initContainers ?? [];
  const statusOf = (name: string): ContainerStatus | undefined => statuses.find((status) => status.name === name);
  const unknown = init.filter(({ name }) => !statusOf(name)).map(({ name }) => name);
  const incomplete = init
    .filter((container) => {
      const status = statusOf(container.name);
      return status && !(isSidecar(container) ? status.started : status.ready);
    })
    .map(({ name }) => name);
  if (phase === 'Succeeded' && unknown.length === 0) return { holds: true, reason: 'PodCompleted' };
  // Once a regular container has started, a sidecar that restarts does not undo the initialization.
  if (pod.spec.containers.some(({ name }) => hasStarted(statusOf(name)))) return { holds: true };
  return verdictOf('ContainersNotInitialized', unknown, 'incomplete', incomplete);
}

function hasStarted(status: ContainerStatus | undefined): boolean {
  return Boolean(
    status?.started || status?.state?.running || status?.state?.terminated || status?.lastState?.terminated,
  );
}

function verdictOf(reason: string, unknown: readonly string[], word: string, bad: readonly string[]): Verdict {
  const messages = [
    ...(unknown.length > 0 ? [`containers with unknown status: [${unknown.join(' ')}]`] : []),
    ...(bad.length > 0 ? [`containers with ${word} status: [${bad.join(' ')}]`] : []),
  ];
  return messages.length === 0 ? { holds: true } : { holds: false, reason, message: messages.join(', ') };
}

/** https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-readiness-gate */
function readinessGatesVerdict(pod: Pod, conditions: readonly PodCondition[]): Verdict {
  const messages = (pod.spec.readinessGates ?? []).flatMap(({ conditionType }) => {
    const condition = conditions.find(({ type }) => type === conditionType);
    if (!condition) return [`corresponding condition of pod readiness gate "${conditionType}" does not exist.`];
    return condition.status === 'True'
      ? []
      : [`the status of pod readiness gate "${conditionType}" is not "True", but ${condition.status}`];
  });
  return messages.length === 0
    ? { holds: true }
    : { holds: false, reason: 'ReadinessGatesNotReady', message: messages.join(', ') };
}
