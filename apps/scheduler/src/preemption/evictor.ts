import { isNotFound } from '@pilothouse/apimachinery';
import type { Pod, PodCondition } from '@pilothouse/api';
import type { PodInfo } from '../cache/pod-info.ts';
import type { FrameworkHandle } from '../framework/handle.ts';
import type { Candidate } from './select-victims.ts';

/**
 * Evicts the victims of a preemption in the background: the scheduling cycle does not wait for the apiserver. Until
 * the last eviction is asked for, the preemptor stays out of the queue, because another attempt would only find the
 * victims still there and choose more.
 */
export class Evictor {
  readonly #handle: FrameworkHandle;
  readonly #plugin: string;
  /** For each preemptor, by uid, the last victim as soon as all others are evicted. */
  readonly #running = new Map<string, { lastVictim: string | undefined }>();

  constructor(handle: FrameworkHandle, plugin: string) {
    this.#handle = handle;
    this.#plugin = plugin;
  }

  isPreempting(uid: string): boolean {
    const run = this.#running.get(uid);
    if (!run) return false;
    if (run.lastVictim === undefined) return true;
    // The event of the last deletion may come before its answer, and nothing else would bring the preemptor back.
    const victim = this.#handle.listers.pods.get(run.lastVictim);
    return victim !== undefined && victim.metadata.deletionTimestamp === undefined;
  }

  start(preemptor: PodInfo, candidate: Candidate): void {
    const victims = candidate.victims.filter((victim) => !victim.isTerminating);
    this.#handle.metrics.preemptionVictims.with().observe(candidate.victims.length);
    if (victims.length === 0) return;
    const run: { lastVictim: string | undefined } = { lastVictim: undefined };
    this.#running.set(preemptor.uid, run);
    void this.#evictAll(preemptor, candidate.nodeName, victims, run)
      .then(
        () => true,
        () => false,
      )
      .then((evicted) => {
        this.#running.delete(preemptor.uid);
        // Without the victims' deletion no event would come.
        if (!evicted) this.#handle.activate([preemptor.pod]);
      });
  }

  async #evictAll(
    preemptor: PodInfo,
    nodeName: string,
    victims: readonly PodInfo[],
    run: { lastVictim: string | undefined },
  ): Promise<void> {
    await this.#clearLowerNominations(preemptor, nodeName);
    const last = victims.at(-1)!;
    await Promise.all(victims.slice(0, -1).map((victim) => this.#evict(preemptor, victim, nodeName)));
    run.lastVictim = last.key;
    await this.#evict(preemptor, last, nodeName);
  }

  async #evict(preemptor: PodInfo, victim: PodInfo, nodeName: string): Promise<void> {
    const { api, waitingPods, recorder } = this.#handle;
    const waiting = waitingPods.get(victim.uid);
    if (waiting) {
      waiting.reject(this.#plugin, 'preempted');
    } else {
      try {
        await api.patchPodStatus(victim.pod, { condition: disruptionTarget(preemptor.pod) });
        await api.deletePod(victim.pod);
      } catch (error) {
        if (isNotFound(error)) return;
        throw error;
      }
    }
    recorder.event(victim.pod, 'Normal', 'Preempted', `Preempted by pod ${preemptor.uid} on node ${nodeName}`);
  }

  /** Pods of lower priority that wait for room on this node will not get it; told so, they look elsewhere at once. */
  async #clearLowerNominations(preemptor: PodInfo, nodeName: string): Promise<void> {
    const { nominatedPods, api } = this.#handle;
    const lower = nominatedPods.onNode(nodeName).filter((pod) => pod.priority < preemptor.priority);
    await Promise.allSettled(lower.map((pod) => api.patchPodStatus(pod.pod, { nominatedNodeName: '' })));
  }
}

function disruptionTarget(preemptor: Pod): PodCondition {
  return {
    type: 'DisruptionTarget',
    status: 'True',
    reason: 'PreemptionByScheduler',
    message: `${preemptor.spec.schedulerName}: preempting to accommodate a higher priority pod`,
  };
}
