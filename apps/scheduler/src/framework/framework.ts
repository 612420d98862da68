import type { NodeInfo } from '../cache/node-info.ts';
import type { PodInfo } from '../cache/pod-info.ts';
import type { QueueProfile } from '../queue/scheduling-queue.ts';
import type { QueuedPodInfo } from '../queue/queued-pod-info.ts';
import type { CycleState } from './cycle-state.ts';
import type { NodeStatuses } from './diagnosis.ts';
import type { FrameworkHandle } from './handle.ts';
import { MAX_NODE_SCORE, type Plugin, type PostFilterResult } from './plugin.ts';
import { errorStatus, Status, unresolvable } from './status.ts';
import { WaitingPod } from './waiting-pods.ts';

/** The plugins of one profile by extension point, each in the order in which they run. */
export interface PluginsByPoint {
  readonly preEnqueue: readonly Plugin[];
  readonly queueSort: readonly Plugin[];
  readonly preFilter: readonly Plugin[];
  readonly filter: readonly Plugin[];
  readonly postFilter: readonly Plugin[];
  readonly preScore: readonly Plugin[];
  readonly score: readonly WeightedPlugin[];
  readonly reserve: readonly Plugin[];
  readonly permit: readonly Plugin[];
  readonly preBind: readonly Plugin[];
  readonly bind: readonly Plugin[];
  readonly postBind: readonly Plugin[];
}

export interface WeightedPlugin {
  readonly plugin: Plugin;
  readonly weight: number;
}

export interface PreFilterOutcome {
  readonly status: Status | undefined;
  /** Undefined: all nodes are to be looked at. */
  readonly nodeNames: ReadonlySet<string> | undefined;
  /** The plugins that narrowed the nodes. */
  readonly narrowedBy: readonly string[];
}

/**
 * The extension points of one profile: each method runs its plugins in order and makes one outcome of theirs. A plugin
 * that throws has the outcome Error.
 */
export class Framework {
  readonly schedulerName: string;
  readonly plugins: PluginsByPoint;
  /** Undefined: the scheduler's own setting. */
  readonly percentageOfNodesToScore: number | undefined;
  readonly #handle: FrameworkHandle;

  constructor(handle: FrameworkHandle, plugins: PluginsByPoint, percentageOfNodesToScore?: number) {
    this.schedulerName = handle.schedulerName;
    this.#handle = handle;
    this.plugins = plugins;
    this.percentageOfNodesToScore = percentageOfNodesToScore;
  }

  /** What the scheduling queue asks of this profile. */
  get queueProfile(): QueueProfile {
    const events = new Map<string, NonNullable<Plugin['events']>>();
    for (const plugins of Object.values(this.plugins) as readonly (readonly (Plugin | WeightedPlugin)[])[]) {
      for (const entry of plugins) {
        const plugin = 'plugin' in entry ? entry.plugin : entry;
        if (plugin.events) events.set(plugin.name, plugin.events);
      }
    }
    return { preEnqueue: this.plugins.preEnqueue, events };
  }

  less(a: QueuedPodInfo, b: QueuedPodInfo): boolean {
    return this.plugins.queueSort[0]!.less!(a, b);
  }

  runPreFilters(state: CycleState, pod: PodInfo, nodes: readonly NodeInfo[]): PreFilterOutcome {
    const skipped = new Set<string>();
    const narrowedBy: string[] = [];
    let nodeNames: ReadonlySet<string> | undefined;
    for (const plugin of this.plugins.preFilter) {
      const result = attempt('PreFilter', plugin, () => plugin.preFilter!(state, pod, nodes));
      const status = result instanceof Status ? result : result?.status;
      if (status?.code === 'Skip') {
        skipped.add(plugin.name);
        continue;
      }
      if (status) return { status: named(status, plugin), nodeNames, narrowedBy };
      if (result && !(result instanceof Status) && result.nodeNames) {
        narrowedBy.push(plugin.name);
        nodeNames = nodeNames ? nodeNames.intersection(result.nodeNames) : result.nodeNames;
        if (nodeNames.size === 0) return { status: this.#narrowedToNothing(narrowedBy), nodeNames, narrowedBy };
      }
    }
    state.skippedFilters = skipped;
    return { status: undefined, nodeNames, narrowedBy };
  }

  #narrowedToNothing(plugins: readonly string[]): Status {
    const names = plugins.toSorted();
    return names.length === 1
      ? unresolvable(`node(s) didn't satisfy plugin ${names[0]}`)
      : unresolvable(`node(s) didn't satisfy plugin(s) [${names.join(' ')}] simultaneously`);
  }

  runPreFilterAddPod(state: CycleState, pod: PodInfo, added: PodInfo, node: NodeInfo): void {
    for (const plugin of this.plugins.preFilter) {
      if (!state.skippedFilters.has(plugin.name)) plugin.preFilterExtensions?.addPod(state, pod, added, node);
    }
  }

  runPreFilterRemovePod(state: CycleState, pod: PodInfo, removed: PodInfo, node: NodeInfo): void {
    for (const plugin of this.plugins.preFilter) {
      if (!state.skippedFilters.has(plugin.name)) plugin.preFilterExtensions?.removePod(state, pod, removed, node);
    }
  }

  /**
   * Whether the pod fits the node, both with and without the pods nominated to it that matter to this pod. With them,
   * because they were promised the room; without them, because they may yet land elsewhere, and what the pod needs of
   * them (by affinity) would be gone.
   */
  runFilters(state: CycleState, pod: PodInfo, node: NodeInfo): Status | undefined {
    const nominated = this.#handle.nominatedPods
      .onNode(node.name)
      .filter((other) => other.uid !== pod.uid && other.priority >= pod.priority);
    if (nominated.length > 0) {
      const [stateWith, nodeWith] = [state.clone(), node.clone()];
      for (const other of nominated) {
        const assumed = other.assumedOn(node.name);
        nodeWith.addPod(assumed);
        this.runPreFilterAddPod(stateWith, pod, assumed, nodeWith);
      }
      const status = this.#runFiltersOnce(stateWith, pod, nodeWith);
      if (status) return status;
    }
    return this.#runFiltersOnce(state, pod, node);
  }

  #runFiltersOnce(state: CycleState, pod: PodInfo, node: NodeInfo): Status | undefined {
    for (const plugin of this.plugins.filter) {
      if (state.skippedFilters.has(plugin.name)) continue;
      // Without the closure of `attempt`: this runs for every plugin on every node.
      try {
        const status = plugin.filter!(state, pod, node);
        if (status) return named(status, plugin);
      } catch (error) {
        return named(failed('Filter', plugin, error), plugin);
      }
    }
    return undefined;
  }

  /**
   * The first plugin that can help ends it; otherwise the messages of all are joined. A promise only where somebody
   * outside the scheduler is to be asked.
   */
  runPostFilters(
    state: CycleState,
    pod: PodInfo,
    statuses: NodeStatuses,
  ): PostFilterResult | Promise<PostFilterResult> {
    const messages: string[] = [];
    let nominatedNode: string | undefined;
    let rejectedBy = '';
    /** The end of it, or undefined when the next plugin has its turn. */
    const take = (plugin: Plugin, result: PostFilterResult | Status): PostFilterResult | undefined => {
      if (result instanceof Status) return { status: named(result, plugin) };
      if (!result.status) return result;
      if (!result.status.isRejected) return { status: named(result.status, plugin) };
      messages.push(...result.status.reasons);
      rejectedBy ||= plugin.name;
      nominatedNode ??= result.nominatedNode;
      return undefined;
    };
    const run = (at: number): PostFilterResult | Promise<PostFilterResult> => {
      const plugin = this.plugins.postFilter[at];
      if (!plugin) {
        const status = new Status('Unschedulable', messages);
        status.plugin = rejectedBy;
        return { status, ...(nominatedNode === undefined ? {} : { nominatedNode }) };
      }
      const result = attempt('PostFilter', plugin, () => plugin.postFilter!(state, pod, statuses));
      if (result instanceof Status || !result.ask) return take(plugin, result) ?? run(at + 1);
      return result
        .ask()
        .catch((error: unknown) => failed('PostFilter', plugin, error))
        .then((answer) => take(plugin, answer) ?? run(at + 1));
    };
    return run(0);
  }

  runPreScores(state: CycleState, pod: PodInfo, nodes: readonly NodeInfo[]): Status | undefined {
    const skipped = new Set<string>();
    for (const plugin of this.plugins.preScore) {
      const status = attempt('PreScore', plugin, () => plugin.preScore!(state, pod, nodes));
      if (status?.code === 'Skip') skipped.add(plugin.name);
      else if (status) return named(status, plugin);
    }
    state.skippedScores = skipped;
    return undefined;
  }

  /** The weighted sum over all plugins for each node, in the order of `nodes`. Throws what a plugin throws. */
  runScores(state: CycleState, pod: PodInfo, nodes: readonly NodeInfo[]): number[] {
    const totals = nodes.map(() => 0);
    for (const { plugin, weight } of this.plugins.score) {
      if (state.skippedScores.has(plugin.name)) continue;
      const scores = nodes.map((node) => plugin.score!(state, pod, node));
      plugin.normalizeScores?.(state, pod, nodes, scores);
      for (let i = 0; i < scores.length; i++) {
        const score = scores[i]!;
        if (!(score >= 0 && score <= MAX_NODE_SCORE)) {
          throw new Error(
            `plugin "${plugin.name}" returns an invalid score ${score}, it should in the range of [0, ${MAX_NODE_SCORE}] after normalizing`,
          );
        }
        totals[i]! += score * weight;
      }
    }
    return totals;
  }

  runReserve(state: CycleState, pod: PodInfo, nodeName: string): Status | undefined {
    for (const plugin of this.plugins.reserve) {
      const status = attempt('Reserve', plugin, () => plugin.reserve?.(state, pod, nodeName));
      if (status) return named(status, plugin);
    }
    return undefined;
  }

  /** In the reverse order of `reserve`. */
  runUnreserve(state: CycleState, pod: PodInfo, nodeName: string): void {
    for (const plugin of this.plugins.reserve.toReversed()) plugin.unreserve?.(state, pod, nodeName);
  }

  /** Wait means that the pod now is among the waiting pods. */
  runPermits(state: CycleState, pod: PodInfo, nodeName: string): Status | undefined {
    const timeoutsMs = new Map<string, number>();
    for (const plugin of this.plugins.permit) {
      const result = attempt('Permit', plugin, () => plugin.permit!(state, pod, nodeName));
      const status = result instanceof Status ? result : result.status;
      if (status?.code === 'Wait' && !(result instanceof Status)) timeoutsMs.set(plugin.name, result.timeoutMs);
      else if (status) return named(status, plugin);
    }
    if (timeoutsMs.size === 0) return undefined;
    this.#handle.waitingPods.add(new WaitingPod(pod, timeoutsMs, this.#handle.clock));
    return new Status('Wait', [`one or more plugins asked to wait and no plugin rejected pod "${pod.name}"`]);
  }

  async waitOnPermit(pod: PodInfo): Promise<Status | undefined> {
    const { waitingPods } = this.#handle;
    const waiting = waitingPods.get(pod.uid);
    if (!waiting) return undefined;
    try {
      return await waiting.decision;
    } finally {
      waitingPods.remove(pod.uid);
    }
  }

  async runPreBinds(state: CycleState, pod: PodInfo, nodeName: string): Promise<Status | undefined> {
    for (const plugin of this.plugins.preBind) {
      const status = await attemptAsync('PreBind', plugin, () => plugin.preBind!(state, pod, nodeName));
      if (status) return named(status, plugin);
    }
    return undefined;
  }

  /** The first plugin that does not skip binds. */
  async runBinds(state: CycleState, pod: PodInfo, nodeName: string): Promise<Status | undefined> {
    for (const plugin of this.plugins.bind) {
      const status = await attemptAsync('Bind', plugin, () => plugin.bind!(state, pod, nodeName));
      if (status?.code === 'Skip') continue;
      return status && named(status, plugin);
    }
    return errorStatus(new Error('all bind plugins skipped the pod'));
  }

  runPostBinds(state: CycleState, pod: PodInfo, nodeName: string): void {
    for (const plugin of this.plugins.postBind) plugin.postBind!(state, pod, nodeName);
  }
}

function attempt<T>(point: string, plugin: Plugin, run: () => T): T | Status {
  try {
    return run();
  } catch (error) {
    return failed(point, plugin, error);
  }
}

async function attemptAsync<T>(point: string, plugin: Plugin, run: () => Promise<T>): Promise<T | Status> {
  try {
    return await run();
  } catch (error) {
    return failed(point, plugin, error);
  }
}

function failed(point: string, plugin: Plugin, error: unknown): Status {
  const failure = error instanceof Error ? error : new Error(String(error));
  return errorStatus(new Error(`running ${point} plugin "${plugin.name}": ${failure.message}`, { cause: failure }));
}

function named(status: Status, plugin: Plugin): Status {
  status.plugin ||= plugin.name;
  return status;
}
