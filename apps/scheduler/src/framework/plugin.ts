import type { Pod } from '@pilothouse/api';
import type { NodeInfo } from '../cache/node-info.ts';
import type { PodInfo } from '../cache/pod-info.ts';
import type { QueuedPodInfo } from '../queue/queued-pod-info.ts';
import type { EventRegistration } from './cluster-event.ts';
import type { CycleState } from './cycle-state.ts';
import type { NodeStatuses } from './diagnosis.ts';
import type { FrameworkHandle } from './handle.ts';
import type { Status } from './status.ts';

/** The best a node can score in one plugin, before the plugin's weight. */
export const MAX_NODE_SCORE = 100;

/** Narrows the nodes to look at; without `nodeNames`, all of them. */
export interface PreFilterResult {
  readonly status?: Status;
  readonly nodeNames?: ReadonlySet<string>;
}

/** `nominatedNode` is what the pod's status.nominatedNodeName becomes; undefined leaves it as it is. */
export interface PostFilterResult {
  readonly status: Status | undefined;
  readonly nominatedNode?: string;
  /** Instead of all else: somebody outside has to be asked first. */
  readonly ask?: () => Promise<PostFilterResult>;
}

export interface PermitResult {
  readonly status: Status | undefined;
  /** How long the pod may wait if the status is Wait. */
  readonly timeoutMs: number;
}

/**
 * A scheduler plugin: a name, and the extension points it takes part in, each present or absent. Everything up to
 * `permit` runs within one synchronous scheduling cycle and sees an unchanging cluster; `preBind` and `bind` run in
 * the pod's own binding cycle and may wait. `undefined` means success. A plugin keeps what it finds out about one
 * attempt in the CycleState, never in itself.
 *
 * See https://kubernetes.io/docs/concepts/scheduling-eviction/scheduling-framework/#extension-points.
 */
export interface Plugin {
  readonly name: string;

  /** May the pod enter the queue at all? */
  preEnqueue?(pod: Pod): Status | undefined;
  /** Whether `a` is to be scheduled before `b`. Exactly one plugin of a profile sorts the queue. */
  less?(a: QueuedPodInfo, b: QueuedPodInfo): boolean;
  /** What may make a pod schedulable again that this plugin rejected. Without it: anything. */
  readonly events?: readonly EventRegistration[];

  preFilter?(state: CycleState, pod: PodInfo, nodes: readonly NodeInfo[]): PreFilterResult | undefined;
  /** Keeps the preFilter's state right while preemption tries nodes with fewer or more pods. */
  readonly preFilterExtensions?: PreFilterExtensions;
  filter?(state: CycleState, pod: PodInfo, node: NodeInfo): Status | undefined;
  postFilter?(state: CycleState, pod: PodInfo, statuses: NodeStatuses): PostFilterResult;

  preScore?(state: CycleState, pod: PodInfo, nodes: readonly NodeInfo[]): Status | undefined;
  /** 0 to MAX_NODE_SCORE, unless `normalizeScores` brings it there. */
  score?(state: CycleState, pod: PodInfo, node: NodeInfo): number;
  /** Changes `scores`, which are in the order of `nodes`, in place. */
  normalizeScores?(state: CycleState, pod: PodInfo, nodes: readonly NodeInfo[], scores: number[]): void;

  reserve?(state: CycleState, pod: PodInfo, nodeName: string): Status | undefined;
  /** Undoes `reserve`; called also when it was not, so it must not mind. */
  unreserve?(state: CycleState, pod: PodInfo, nodeName: string): void;
  permit?(state: CycleState, pod: PodInfo, nodeName: string): PermitResult;

  preBind?(state: CycleState, pod: PodInfo, nodeName: string): Promise<Status | undefined>;
  bind?(state: CycleState, pod: PodInfo, nodeName: string): Promise<Status | undefined>;
  postBind?(state: CycleState, pod: PodInfo, nodeName: string): void;
}

export interface PreFilterExtensions {
  addPod(state: CycleState, pod: PodInfo, added: PodInfo, node: NodeInfo): void;
  removePod(state: CycleState, pod: PodInfo, removed: PodInfo, node: NodeInfo): void;
}

/** Builds a plugin of one profile from its `pluginConfig` args; throws on args it does not understand. */
export interface PluginFactory {
  readonly name: string;
  build(args: Readonly<Record<string, unknown>>, handle: FrameworkHandle): Plugin;
}
