import type { KubeObject } from '@pilothouse/apimachinery';
import type { Pod } from '@pilothouse/api';
import type { Clock } from '@pilothouse/component';
import { PodInfo } from '../cache/pod-info.ts';
import { ClusterEvents, type ClusterEvent } from '../framework/cluster-event.ts';
import type { Plugin } from '../framework/plugin.ts';
import type { SchedulerMetrics } from '../metrics.ts';
import { backoffExpiryMs, type BackoffLimits } from './backoff.ts';
import { KeyedHeap } from './heap.ts';
import { InFlightEvents, type RecordedEvent } from './in-flight-events.ts';
import type { NominatedPods } from './nominated-pods.ts';
import { targetPodEvents } from './target-pod-events.ts';
import type { QueuedPodInfo } from './queued-pod-info.ts';
import type { QueueCounts } from './queue-counts.ts';
import { planRequeue, type EventsByPlugin, type RequeueStrategy } from './requeue-plan.ts';

/** What the queue needs of one profile. */
export interface QueueProfile {
  readonly preEnqueue: readonly Plugin[];
  readonly events: EventsByPlugin;
}

export interface SchedulingQueueOptions {
  readonly less: (a: QueuedPodInfo, b: QueuedPodInfo) => boolean;
  readonly profiles: ReadonlyMap<string, QueueProfile>;
  readonly clock: Clock;
  readonly backoff: BackoffLimits;
  readonly nominatedPods: NominatedPods;
  readonly metrics: SchedulerMetrics;
  /** A pod that was rejected longer ago is tried again whatever happened. Upstream: 5 min. */
  readonly maxUnschedulableMs?: number;
}

const DEFAULT_MAX_UNSCHEDULABLE_MS = 5 * 60_000;
const UNSCHEDULABLE_FLUSH_INTERVAL_MS = 30_000;

/**
 * The pods that wait for a node, in one of three places:
 * - active: to be tried next, best first;
 * - backoff: to be tried when their backoff is over, or earlier if nothing else is to do (those whose last attempt
 *   failed with an error wait it out);
 * - unschedulable: rejected by a plugin and waiting for an event that may change that, or gated by a preEnqueue plugin.
 *
 * A pod that was taken with `pop` is in none of them until `addUnschedulable` or `done`.
 */
export class SchedulingQueue {
  readonly #options: SchedulingQueueOptions;
  readonly #active: KeyedHeap<QueuedPodInfo>;
  readonly #backoff: KeyedHeap<QueuedPodInfo>;
  readonly #errorBackoff: KeyedHeap<QueuedPodInfo>;
  readonly #unschedulable = new Map<string, QueuedPodInfo>();
  readonly #inFlight = new InFlightEvents();
  #sequence = 0;
  #closed = false;
  #wake: (() => void) | undefined;
  #backoffTimer: { dueMs: number; cancel: () => void } | undefined;
  #flushTimer: (() => void) | undefined;

  constructor(options: SchedulingQueueOptions) {
    this.#options = options;
    const keyOf = (pod: QueuedPodInfo) => pod.info.uid;
    const expiresFirst = (a: QueuedPodInfo, b: QueuedPodInfo) =>
      backoffExpiryMs(a, options.backoff) < backoffExpiryMs(b, options.backoff);
    this.#active = new KeyedHeap(keyOf, options.less);
    this.#backoff = new KeyedHeap(keyOf, expiresFirst);
    this.#errorBackoff = new KeyedHeap(keyOf, expiresFirst);
    this.#scheduleUnschedulableFlush();
  }

  counts(): QueueCounts {
    let gated = 0;
    for (const pod of this.#unschedulable.values()) if (pod.gatingPlugin !== '') gated++;
    return {
      active: this.#active.size,
      backoff: this.#backoff.size + this.#errorBackoff.size,
      unschedulable: this.#unschedulable.size - gated,
      gated,
    };
  }

  /** The pods in each place, for `/debug`. */
  dump(): Record<string, unknown> {
    const describe = (pods: Iterable<QueuedPodInfo>) =>
      Array.from(pods, (pod) => ({
        pod: pod.info.key,
        attempts: pod.attempts,
        unschedulablePlugins: [...pod.unschedulablePlugins],
        ...(pod.gatingPlugin ? { gatingPlugin: pod.gatingPlugin } : {}),
      }));
    return {
      active: describe(this.#active.values()),
      backoff: describe([...this.#backoff.values(), ...this.#errorBackoff.values()]),
      unschedulable: describe(this.#unschedulable.values()),
    };
  }

  /** Where a pod is, for tests and debugging. */
  placeOf(uid: string): 'active' | 'backoff' | 'unschedulable' | 'in-flight' | undefined {
    if (this.#active.has(uid)) return 'active';
    if (this.#backoff.has(uid) || this.#errorBackoff.has(uid)) return 'backoff';
    if (this.#unschedulable.has(uid)) return 'unschedulable';
    return this.#inFlight.has(uid) ? 'in-flight' : undefined;
  }

  /** A pod without a node appeared. */
  add(pod: Pod): void {
    const info = new PodInfo(pod);
    const queued: QueuedPodInfo = {
      info,
      timestampMs: this.#nowMs(),
      sequence: this.#sequence++,
      attempts: 0,
      initialAttemptMs: undefined,
      unschedulableCount: 0,
      consecutiveErrorsCount: 0,
      unschedulablePlugins: NONE,
      pendingPlugins: NONE,
      gatingPlugin: '',
    };
    this.#options.nominatedPods.update(undefined, info);
    this.#moveToActive(queued, ClusterEvents.unscheduledPodAdd);
  }

  /** A pod without a node changed. */
  update(before: Pod, after: Pod): void {
    const info = new PodInfo(after);
    const events = targetPodEvents(before, after);
    if (this.#inFlight.has(info.uid)) {
      for (const event of events) this.#inFlight.record({ event, before, after });
      return;
    }
    for (const heap of [this.#active, this.#backoff, this.#errorBackoff]) {
      const queued = heap.get(info.uid);
      if (!queued) continue;
      this.#options.nominatedPods.update(queued.info, info);
      queued.info = info;
      heap.set(queued);
      return;
    }
    const queued = this.#unschedulable.get(info.uid);
    if (!queued) return this.add(after);
    this.#options.nominatedPods.update(queued.info, info);
    queued.info = info;
    for (const event of events) if (this.#requeueIfHelped(queued, { event, before, after })) return;
  }

  /** A pod is gone, or has got a node. */
  delete(pod: Pod): void {
    const { uid } = new PodInfo(pod);
    this.#options.nominatedPods.delete(uid);
    this.#active.delete(uid);
    this.#backoff.delete(uid);
    this.#errorBackoff.delete(uid);
    this.#unschedulable.delete(uid);
  }

  /** Takes the best pod, if there is one to be tried now. */
  pop(): QueuedPodInfo | undefined {
    const queued = this.#active.pop() ?? this.#backoff.pop();
    if (!queued) return undefined;
    queued.attempts++;
    queued.initialAttemptMs ??= this.#nowMs();
    queued.unschedulablePlugins = NONE;
    queued.pendingPlugins = NONE;
    this.#inFlight.start(queued.info.uid);
    return queued;
  }

  /** Resolves when `pop` has something, or the queue is closed. */
  async ready(): Promise<void> {
    while (!this.#closed && this.#active.size === 0 && this.#backoff.size === 0) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#wake = resolve;
      await promise;
    }
  }

  /** The pod taken with `pop` is out of the queue's hands. */
  done(uid: string): void {
    this.#inFlight.done(uid);
  }

  /** Brings back a pod whose attempt failed. Its `unschedulablePlugins` and `pendingPlugins` say who rejected it. */
  addUnschedulable(queued: QueuedPodInfo): void {
    const { uid } = queued.info;
    const events = this.#inFlight.since(uid);
    this.#inFlight.done(uid);
    if (this.placeOf(uid) !== undefined) return;

    queued.timestampMs = this.#nowMs();
    const rejected = queued.unschedulablePlugins.size > 0 || queued.pendingPlugins.size > 0;
    if (rejected) {
      queued.unschedulableCount++;
      queued.consecutiveErrorsCount = 0;
    } else {
      queued.consecutiveErrorsCount++;
    }
    const strategy = rejected ? this.#strongest(queued, events) : 'afterBackoff';
    this.#requeue(queued, strategy, ClusterEvents.scheduleAttemptFailure);
  }

  /** Something changed in the cluster: brings back the rejected pods that it may help. */
  moveAll(
    event: ClusterEvent,
    before: KubeObject | undefined,
    after: KubeObject | undefined,
    isCandidate?: (pod: PodInfo) => boolean,
  ): void {
    const recorded = { event, before, after };
    this.#inFlight.record(recorded);
    if (this.#unschedulable.size === 0) return;
    for (const queued of [...this.#unschedulable.values()]) {
      if (isCandidate === undefined || isCandidate(queued.info)) this.#requeueIfHelped(queued, recorded);
    }
  }

  /** Puts pods into the active queue whatever rejected them and however long they should back off. */
  activate(pods: readonly Pod[]): void {
    for (const pod of pods) {
      const { uid } = new PodInfo(pod);
      const queued = this.#unschedulable.get(uid) ?? this.#backoff.get(uid) ?? this.#errorBackoff.get(uid);
      if (queued) {
        this.#takeOut(uid);
        this.#moveToActive(queued, ClusterEvents.forceActivate);
      } else if (this.#inFlight.has(uid)) {
        this.#inFlight.record({ event: ClusterEvents.forceActivate, before: undefined, after: pod });
      }
    }
  }

  close(): void {
    this.#closed = true;
    this.#backoffTimer?.cancel();
    this.#flushTimer?.();
    this.#wake?.();
  }

  #nowMs(): number {
    return this.#options.clock.now().getTime();
  }

  #strongest(queued: QueuedPodInfo, events: readonly RecordedEvent[]): RequeueStrategy {
    let strongest: RequeueStrategy = 'skip';
    for (const recorded of events) {
      const strategy = planRequeue(queued, recorded, this.#profileOf(queued).events);
      if (strategy === 'immediately') return strategy;
      if (strategy === 'afterBackoff') strongest = strategy;
    }
    return strongest;
  }

  #profileOf(queued: QueuedPodInfo): QueueProfile {
    return this.#options.profiles.get(queued.info.pod.spec.schedulerName ?? '') ?? EMPTY_PROFILE;
  }

  /** True if the pod left the unschedulable ones. */
  #requeueIfHelped(queued: QueuedPodInfo, recorded: RecordedEvent): boolean {
    const strategy = planRequeue(queued, recorded, this.#profileOf(queued).events);
    if (strategy === 'skip') return false;
    this.#unschedulable.delete(queued.info.uid);
    this.#requeue(queued, strategy, recorded.event);
    return !this.#unschedulable.has(queued.info.uid);
  }

  #requeue(queued: QueuedPodInfo, strategy: RequeueStrategy, event: ClusterEvent): void {
    const { backoff, metrics } = this.#options;
    if (strategy === 'skip') {
      this.#unschedulable.set(queued.info.uid, queued);
      metrics.queueIncoming('unschedulable', event.label);
    } else if (strategy === 'immediately' || backoffExpiryMs(queued, backoff) <= this.#nowMs()) {
      this.#moveToActive(queued, event);
    } else if (!this.#gated(queued, event)) {
      (queued.consecutiveErrorsCount > 0 ? this.#errorBackoff : this.#backoff).set(queued);
      metrics.queueIncoming('backoff', event.label);
      this.#scheduleBackoffTimer();
      this.#wakeUp();
    }
  }

  #moveToActive(queued: QueuedPodInfo, event: ClusterEvent): void {
    if (this.#gated(queued, event)) return;
    this.#active.set(queued);
    this.#options.metrics.queueIncoming('active', event.label);
    this.#wakeUp();
  }

  /** Whether a preEnqueue plugin keeps the pod out; if so, it stays with the unschedulable pods. */
  #gated(queued: QueuedPodInfo, event: ClusterEvent): boolean {
    queued.gatingPlugin = this.#gateOf(queued);
    if (queued.gatingPlugin === '') return false;
    queued.unschedulablePlugins = new Set([...queued.unschedulablePlugins, queued.gatingPlugin]);
    this.#unschedulable.set(queued.info.uid, queued);
    this.#options.metrics.queueIncoming('gated', event.label);
    return true;
  }

  #gateOf(queued: QueuedPodInfo): string {
    for (const plugin of this.#profileOf(queued).preEnqueue) {
      if (plugin.preEnqueue!(queued.info.pod)) return plugin.name;
    }
    return '';
  }

  #takeOut(uid: string): void {
    this.#unschedulable.delete(uid);
    this.#backoff.delete(uid);
    this.#errorBackoff.delete(uid);
  }

  #wakeUp(): void {
    this.#wake?.();
    this.#wake = undefined;
  }

  #scheduleBackoffTimer(): void {
    const next = [this.#backoff.peek(), this.#errorBackoff.peek()].filter((pod) => pod !== undefined);
    if (next.length === 0 || this.#closed) return;
    const dueMs = Math.min(...next.map((pod) => backoffExpiryMs(pod, this.#options.backoff)));
    if (this.#backoffTimer && this.#backoffTimer.dueMs <= dueMs) return;
    this.#backoffTimer?.cancel();
    const cancel = this.#options.clock.after(dueMs - this.#nowMs(), () => this.#flushBackoff());
    this.#backoffTimer = { dueMs, cancel };
  }

  #flushBackoff(): void {
    this.#backoffTimer = undefined;
    const nowMs = this.#nowMs();
    for (const heap of [this.#backoff, this.#errorBackoff]) {
      for (let pod = heap.peek(); pod && backoffExpiryMs(pod, this.#options.backoff) <= nowMs; pod = heap.peek()) {
        heap.pop();
        this.#moveToActive(pod, ClusterEvents.backoffComplete);
      }
    }
    this.#scheduleBackoffTimer();
  }

  #scheduleUnschedulableFlush(): void {
    this.#flushTimer = this.#options.clock.after(UNSCHEDULABLE_FLUSH_INTERVAL_MS, () => {
      const oldest = this.#nowMs() - (this.#options.maxUnschedulableMs ?? DEFAULT_MAX_UNSCHEDULABLE_MS);
      const recorded = { event: ClusterEvents.unschedulableTimeout, before: undefined, after: undefined };
      for (const queued of [...this.#unschedulable.values()]) {
        if (queued.timestampMs < oldest) this.#requeueIfHelped(queued, recorded);
      }
      this.#scheduleUnschedulableFlush();
    });
  }
}

const NONE: ReadonlySet<string> = new Set();
const EMPTY_PROFILE: QueueProfile = { preEnqueue: [], events: new Map() };
