import type { PodInfo } from '../cache/pod-info.ts';

const NONE: readonly PodInfo[] = [];

/**
 * Pods that preemption made room for on a node and that are not there yet. Filters count them as if they were, for
 * pods of lower or equal priority.
 */
export class NominatedPods {
  readonly #nodeOf = new Map<string, string>();
  readonly #byNode = new Map<string, Map<string, PodInfo>>();

  /** Sets or moves the nomination; an empty node name clears it. */
  set(pod: PodInfo, nodeName: string): void {
    this.delete(pod.uid);
    if (nodeName === '') return;
    this.#nodeOf.set(pod.uid, nodeName);
    const pods = this.#byNode.get(nodeName);
    if (pods) pods.set(pod.uid, pod);
    else this.#byNode.set(nodeName, new Map([[pod.uid, pod]]));
  }

  /**
   * A newer version of the pod. A nomination that only this process knows of survives, unless the update itself sets
   * or clears one: the status patch may still be on its way.
   */
  update(before: PodInfo | undefined, after: PodInfo): void {
    const [was, is] = [before?.pod.status?.nominatedNodeName ?? '', after.pod.status?.nominatedNodeName ?? ''];
    const known = this.#nodeOf.get(after.uid) ?? '';
    this.set(after, is === '' && was === '' ? known : is);
  }

  delete(uid: string): void {
    const nodeName = this.#nodeOf.get(uid);
    if (nodeName === undefined) return;
    this.#nodeOf.delete(uid);
    const pods = this.#byNode.get(nodeName)!;
    pods.delete(uid);
    if (pods.size === 0) this.#byNode.delete(nodeName);
  }

  nodeOf(uid: string): string | undefined {
    return this.#nodeOf.get(uid);
  }

  onNode(nodeName: string): readonly PodInfo[] {
    if (this.#byNode.size === 0) return NONE;
    const pods = this.#byNode.get(nodeName);
    return pods ? [...pods.values()] : NONE;
  }
}
