import type { Node, Pod } from '@pilothouse/api';
import { UsedPorts } from './host-ports.ts';
import type { ImageStates } from './image-states.ts';
import type { PodInfo } from './pod-info.ts';
import {
  addAmounts,
  amountOf,
  amountsOf,
  cloneAmounts,
  emptyAmounts,
  type ResourceAmounts,
} from './resource-amounts.ts';

/** Pods of one node that no selector can tell apart. */
export interface PodGroup {
  /** Any one of them. */
  readonly pod: Pod;
  count: number;
}

/** A node with the sums over the pods on it, assumed ones included, kept up to date as pods come and go. */
export class NodeInfo {
  readonly name: string;
  /** Absent while pods are known on a node that is not (yet or any more). Never in a snapshot. */
  #node: Node | undefined;
  /** By uid. */
  readonly pods = new Map<string, PodInfo>();
  readonly podsWithAffinity = new Map<string, PodInfo>();
  readonly podsWithRequiredAntiAffinity = new Map<string, PodInfo>();
  /**
   * The pods by PodInfo.labelKey: spreading counts matching pods on every node for every pod it places, and the
   * thousand pods of a Deployment are one group.
   */
  readonly podGroups = new Map<string, PodGroup>();
  requested: ResourceAmounts = emptyAmounts();
  nonZeroRequested: ResourceAmounts = emptyAmounts();
  allocatable: ResourceAmounts = emptyAmounts();
  allowedPods = 0;
  usedPorts = new UsedPorts();
  /** Pods by claim, `namespace/name`. */
  readonly claimUsers = new Map<string, number>();
  readonly imageStates: ImageStates;

  constructor(name: string, imageStates: ImageStates) {
    this.name = name;
    this.imageStates = imageStates;
  }

  /** The node of a NodeInfo from a snapshot. */
  get node(): Node {
    return this.#node!;
  }

  get hasNode(): boolean {
    return this.#node !== undefined;
  }

  get labels(): Readonly<Record<string, string>> {
    return this.#node?.metadata.labels ?? NO_LABELS;
  }

  setNode(node: Node): void {
    const allocatable = node.status?.allocatable;
    this.#node = node;
    this.allocatable = amountsOf(allocatable);
    this.allowedPods = amountOf('pods', allocatable?.['pods'] ?? '0');
  }

  removeNode(): void {
    this.#node = undefined;
    this.allocatable = emptyAmounts();
    this.allowedPods = 0;
  }

  addPod(pod: PodInfo): void {
    this.pods.set(pod.uid, pod);
    if (pod.hasAffinity) this.podsWithAffinity.set(pod.uid, pod);
    if (pod.hasRequiredAntiAffinity) this.podsWithRequiredAntiAffinity.set(pod.uid, pod);
    addAmounts(this.requested, pod.requests);
    addAmounts(this.nonZeroRequested, pod.nonZeroRequests);
    for (const port of pod.hostPorts) this.usedPorts.add(port);
    for (const key of pod.claimKeys) this.claimUsers.set(key, (this.claimUsers.get(key) ?? 0) + 1);
    const group = this.podGroups.get(pod.labelKey);
    if (group) group.count++;
    else this.podGroups.set(pod.labelKey, { pod: pod.pod, count: 1 });
  }

  /** Removes what `addPod` added for the pod of this uid; false if there is none. */
  removePod(uid: string): boolean {
    const pod = this.pods.get(uid);
    if (!pod) return false;
    this.pods.delete(uid);
    this.podsWithAffinity.delete(uid);
    this.podsWithRequiredAntiAffinity.delete(uid);
    addAmounts(this.requested, pod.requests, -1);
    addAmounts(this.nonZeroRequested, pod.nonZeroRequests, -1);
    for (const port of pod.hostPorts) this.usedPorts.remove(port);
    for (const key of pod.claimKeys) {
      const users = this.claimUsers.get(key)! - 1;
      if (users === 0) this.claimUsers.delete(key);
      else this.claimUsers.set(key, users);
    }
    const group = this.podGroups.get(pod.labelKey)!;
    if (--group.count === 0) this.podGroups.delete(pod.labelKey);
    return true;
  }

  /** A copy that a what-if evaluation may change. */
  clone(): NodeInfo {
    const copy = new NodeInfo(this.name, this.imageStates);
    copy.#node = this.#node;
    for (const [uid, pod] of this.pods) copy.pods.set(uid, pod);
    for (const [uid, pod] of this.podsWithAffinity) copy.podsWithAffinity.set(uid, pod);
    for (const [uid, pod] of this.podsWithRequiredAntiAffinity) copy.podsWithRequiredAntiAffinity.set(uid, pod);
    for (const [key, group] of this.podGroups) copy.podGroups.set(key, { ...group });
    for (const [key, users] of this.claimUsers) copy.claimUsers.set(key, users);
    copy.requested = cloneAmounts(this.requested);
    copy.nonZeroRequested = cloneAmounts(this.nonZeroRequested);
    copy.allocatable = this.allocatable;
    copy.allowedPods = this.allowedPods;
    copy.usedPorts = this.usedPorts.clone();
    return copy;
  }
}

const NO_LABELS: Readonly<Record<string, string>> = {};
