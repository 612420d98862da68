import type { Node, Pod } from '@pilothouse/api';
import type { Clock } from '@pilothouse/component';
import { ImageStates } from './image-states.ts';
import { NodeInfo } from './node-info.ts';
import { interleaveZones, zoneKey } from './node-tree.ts';
import { PodInfo } from './pod-info.ts';
import type { Snapshot } from './snapshot.ts';

/**
 * A pod that takes room on a node. `assumed`: the scheduler decided so and is binding it; `bound`: the apiserver said
 * so. An assumed pod becomes bound by its event, or is forgotten when binding fails.
 */
interface PodState {
  info: PodInfo;
  nodeName: string;
  phase: 'assumed' | 'bound';
  cancelExpiry?: () => void;
}

/** All nodes and the pods on them, from informer events and from the scheduler's own decisions. */
export class SchedulerCache {
  readonly snapshot: Snapshot;
  readonly #clock: Clock;
  readonly #assumedTtlMs: number;
  readonly #nodes = new Map<string, NodeInfo>();
  readonly #pods = new Map<string, PodState>();
  readonly #images = new ImageStates();
  readonly #withAffinity = new Set<NodeInfo>();
  readonly #withRequiredAntiAffinity = new Set<NodeInfo>();
  readonly #claimUsers = new Map<string, number>();
  #ordered: readonly NodeInfo[] | undefined;

  /** After binding, an assumed pod whose event never comes expires after `assumedTtlMs`; 0, upstream's default: never. */
  constructor(clock: Clock, assumedTtlMs = 0) {
    this.#clock = clock;
    this.#assumedTtlMs = assumedTtlMs;
    const cache = this;
    this.snapshot = {
      get nodes() {
        return cache.#orderedNodes();
      },
      get: (name) => {
        const node = this.#nodes.get(name);
        return node?.hasNode ? node : undefined;
      },
      nodesWithAffinityPods: () => existing(this.#withAffinity),
      nodesWithRequiredAntiAffinityPods: () => existing(this.#withRequiredAntiAffinity),
      isClaimUsed: (claimKey) => this.#claimUsers.has(claimKey),
    };
  }

  /** Nodes known, and pods by phase: for metrics and debugging. */
  counts(): { nodes: number; pods: number; assumedPods: number } {
    let assumedPods = 0;
    for (const state of this.#pods.values()) if (state.phase === 'assumed') assumedPods++;
    return { nodes: this.#orderedNodes().length, pods: this.#pods.size, assumedPods };
  }

  /** The nodes with the pods on them, for `/debug`. */
  dump(): Record<string, unknown> {
    return Object.fromEntries(
      this.#orderedNodes().map(({ name, pods, requested, allocatable }) => [
        name,
        {
          requested: { ...requested, scalars: Object.fromEntries(requested.scalars ?? []) },
          allocatable: { ...allocatable, scalars: Object.fromEntries(allocatable.scalars ?? []) },
          pods: Array.from(pods.values(), ({ key, uid }) => (this.isAssumed(uid) ? `${key} (assumed)` : key)),
        },
      ]),
    );
  }

  isAssumed(uid: string): boolean {
    return this.#pods.get(uid)?.phase === 'assumed';
  }

  /** Takes room for the pod on `pod.spec.nodeName` before the apiserver knows. */
  assumePod(info: PodInfo): void {
    if (this.#pods.has(info.uid)) throw new Error(`pod ${info.key} is in the cache, so can't be assumed`);
    this.#add({ info, nodeName: info.pod.spec.nodeName!, phase: 'assumed' });
  }

  /** The apiserver accepted the binding; only its event is still to come. */
  finishBinding(uid: string): void {
    const state = this.#pods.get(uid);
    if (state?.phase !== 'assumed' || this.#assumedTtlMs === 0) return;
    state.cancelExpiry = this.#clock.after(this.#assumedTtlMs, () => this.forgetPod(uid));
  }

  /** Gives the room of an assumed pod back; a bound pod stays. */
  forgetPod(uid: string): void {
    const state = this.#pods.get(uid);
    if (state?.phase === 'assumed') this.#remove(state);
  }

  /** An event says that the pod is on its node. It may confirm an assumed pod, or contradict it: the event wins. */
  setPod(pod: Pod): void {
    const info = new PodInfo(pod);
    const state = this.#pods.get(info.uid);
    if (state && state.nodeName === pod.spec.nodeName && takesTheSame(state.info, info)) {
      state.cancelExpiry?.();
      state.phase = 'bound';
      state.info = info;
      this.#replace(info, state.nodeName);
      return;
    }
    if (state) this.#remove(state);
    this.#add({ info, nodeName: pod.spec.nodeName!, phase: 'bound' });
  }

  removePod(uid: string): void {
    const state = this.#pods.get(uid);
    if (state) this.#remove(state);
  }

  setNode(node: Node): void {
    const info = this.#nodeInfo(node.metadata.name!);
    if (!info.hasNode || zoneKey(info.labels) !== zoneKey(node.metadata.labels ?? {})) this.#ordered = undefined;
    info.setNode(node);
    this.#images.setNode(node);
  }

  removeNode(name: string): void {
    const info = this.#nodes.get(name);
    if (!info) return;
    this.#ordered = undefined;
    this.#images.removeNode(name);
    info.removeNode();
    if (info.pods.size === 0) this.#nodes.delete(name);
  }

  #nodeInfo(name: string): NodeInfo {
    let info = this.#nodes.get(name);
    if (!info) this.#nodes.set(name, (info = new NodeInfo(name, this.#images)));
    return info;
  }

  #orderedNodes(): readonly NodeInfo[] {
    return (this.#ordered ??= interleaveZones(existing(this.#nodes.values())));
  }

  #add(state: PodState): void {
    const { info } = state;
    const node = this.#nodeInfo(state.nodeName);
    this.#pods.set(info.uid, state);
    node.addPod(info);
    if (info.hasAffinity) this.#withAffinity.add(node);
    if (info.hasRequiredAntiAffinity) this.#withRequiredAntiAffinity.add(node);
    for (const key of info.claimKeys) this.#claimUsers.set(key, (this.#claimUsers.get(key) ?? 0) + 1);
  }

  #remove(state: PodState): void {
    const { info } = state;
    state.cancelExpiry?.();
    this.#pods.delete(info.uid);
    const node = this.#nodeInfo(state.nodeName);
    node.removePod(info.uid);
    if (node.podsWithAffinity.size === 0) this.#withAffinity.delete(node);
    if (node.podsWithRequiredAntiAffinity.size === 0) this.#withRequiredAntiAffinity.delete(node);
    for (const key of info.claimKeys) {
      const users = this.#claimUsers.get(key)! - 1;
      if (users === 0) this.#claimUsers.delete(key);
      else this.#claimUsers.set(key, users);
    }
    if (!node.hasNode && node.pods.size === 0) this.#nodes.delete(node.name);
  }

  /** A newer version that takes the same room only replaces the object: the usual event is a status update. */
  #replace(info: PodInfo, nodeName: string): void {
    const node = this.#nodes.get(nodeName)!;
    node.pods.set(info.uid, info);
    if (node.podsWithAffinity.has(info.uid)) node.podsWithAffinity.set(info.uid, info);
    if (node.podsWithRequiredAntiAffinity.has(info.uid)) node.podsWithRequiredAntiAffinity.set(info.uid, info);
  }
}

function existing(nodes: Iterable<NodeInfo>): NodeInfo[] {
  const found: NodeInfo[] = [];
  for (const node of nodes) if (node.hasNode) found.push(node);
  return found;
}

/** Of a pod on a node only labels, deletion and (by resize) requests can change as far as the sums are concerned. */
function takesTheSame(before: PodInfo, after: PodInfo): boolean {
  const [a, b] = [before.requests, after.requests];
  return (
    before.labelKey === after.labelKey &&
    a.milliCpu === b.milliCpu &&
    a.memory === b.memory &&
    a.ephemeralStorage === b.ephemeralStorage &&
    !a.scalars &&
    !b.scalars
  );
}
