import { setImmediate } from 'node:timers/promises';
import type { PodCondition } from '@pilothouse/api';
import type { EventRecorder } from '@pilothouse/client';
import type { Clock, Logger, Random, Tracer } from '@pilothouse/component';
import { PodInfo } from './cache/pod-info.ts';
import type { SchedulerCache } from './cache/scheduler-cache.ts';
import { consultExtenders, type ExtenderOpinion } from './extenders/consult-extenders.ts';
import type { HttpExtender } from './extenders/http-extender.ts';
import type { ApiWriter } from './framework/api-writer.ts';
import { ClusterEvents } from './framework/cluster-event.ts';
import { CycleState } from './framework/cycle-state.ts';
import { Diagnosis, fitErrorMessage } from './framework/diagnosis.ts';
import type { Framework } from './framework/framework.ts';
import type { ClusterListers } from './framework/listers.ts';
import type { PostFilterResult } from './framework/plugin.ts';
import { errorStatus, Status } from './framework/status.ts';
import type { SchedulerMetrics } from './metrics.ts';
import { NodeCursor } from './node-sampling.ts';
import type { NominatedPods } from './queue/nominated-pods.ts';
import type { QueuedPodInfo } from './queue/queued-pod-info.ts';
import type { SchedulingQueue } from './queue/scheduling-queue.ts';
import { feasibleNodes, schedulePod, type ScheduleOptions } from './schedule-pod.ts';

export interface SchedulerOptions {
  /** By scheduler name. */
  readonly profiles: ReadonlyMap<string, Framework>;
  readonly cache: SchedulerCache;
  readonly queue: SchedulingQueue;
  readonly nominatedPods: NominatedPods;
  readonly listers: Pick<ClusterListers, 'pods'>;
  readonly api: ApiWriter;
  /** By scheduler name. */
  readonly recorderOf: (schedulerName: string) => EventRecorder;
  readonly metrics: SchedulerMetrics;
  readonly percentageOfNodesToScore: number;
  /** Asked for every pod that they are interested in; usually there are none. */
  readonly extenders: readonly HttpExtender[];
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly tracer: Tracer;
}

/** One pod on its way through both cycles. */
interface Attempt {
  readonly queued: QueuedPodInfo;
  readonly framework: Framework;
  readonly state: CycleState;
  readonly startMs: number;
}

/** Why an attempt came to nothing. */
interface Failure {
  readonly status: Status;
  /** Undefined leaves the pod's nomination as it is; empty clears it. */
  readonly nominatedNode?: string | undefined;
}

/** The event API cuts a note off at this many characters. */
const NOTE_LENGTH_LIMIT = 1024;
/** How long pods are scheduled in a row before watch events and answers get their turn. */
const SLICE_MS = 5;
const SLICE_PODS = 64;

/**
 * Takes pods from the queue one at a time. The *scheduling cycle* chooses a node for one pod and is synchronous, so
 * that it sees an unchanging cluster and each pod sees the choice made for the one before. The *binding cycle* makes
 * the choice known to the apiserver; it waits, and those of many pods run at the same time. In between the cache
 * assumes that the pod is on its node already.
 */
export class Scheduler {
  readonly #options: SchedulerOptions;
  readonly #cursor = new NodeCursor();

  constructor(options: SchedulerOptions) {
    this.#options = options;
  }

  async run(signal: AbortSignal): Promise<void> {
    const { queue, clock } = this.#options;
    signal.addEventListener('abort', () => queue.close(), { once: true });
    while (!signal.aborted) {
      await queue.ready();
      const startMs = clock.monotonicMs();
      for (let pods = 0; pods < SLICE_PODS && clock.monotonicMs() - startMs < SLICE_MS; pods++) {
        const queued = signal.aborted ? undefined : queue.pop();
        if (!queued) break;
        void this.scheduleOne(queued);
      }
      await setImmediate();
    }
  }

  /**
   * Resolves when both cycles are over; never rejects. Before it first waits, the scheduling cycle is done, unless
   * extenders are to be asked.
   */
  async scheduleOne(queued: QueuedPodInfo): Promise<void> {
    const { profiles, queue, clock, metrics, tracer } = this.#options;
    const framework = profiles.get(queued.info.pod.spec.schedulerName ?? '');
    if (!framework || this.#skips(queued)) return queue.done(queued.info.uid);

    const attempt: Attempt = { queued, framework, state: new CycleState(), startMs: clock.monotonicMs() };
    const span = tracer.startSpan('schedule', { pod: queued.info.key, attempt: queued.attempts });
    try {
      const { pod } = queued.info;
      const isExtended = this.#options.extenders.some((extender) => extender.isInterested(pod));
      const outcome = isExtended ? this.#extendedCycle(attempt) : this.#schedulingCycle(attempt);
      const assumed = outcome instanceof Promise ? await outcome : outcome;
      if (!(assumed instanceof PodInfo)) return this.#handleFailure(attempt, assumed);

      span.addEvent('assumed', { node: assumed.pod.spec.nodeName });
      metrics.goroutines.with('binding').add(1);
      const failure = await tracer.within(span, () => this.#bindingCycle(attempt, assumed));
      metrics.goroutines.with('binding').add(-1);
      if (failure) this.#undoBinding(attempt, assumed, failure);
    } finally {
      span.end();
    }
  }

  /**
   * Extenders answer over the network, and the cluster changes meanwhile. So the nodes that fit are found once to ask
   * about, and once more, among those accepted, to decide: that second cycle is as synchronous as any other.
   */
  async #extendedCycle(attempt: Attempt): Promise<PodInfo | Failure> {
    const { cache, extenders, logger } = this.#options;
    const { queued, framework, state } = attempt;
    const found = feasibleNodes(queued.info, cache.snapshot, framework, state, this.#scheduleOptions());
    if ('kind' in found) return this.#schedulingCycle(attempt);
    const { pod } = queued.info;
    const nodes = found.nodes.map(({ node }) => node);
    let opinion: ExtenderOpinion;
    try {
      opinion = await consultExtenders(extenders, pod, nodes, logger);
    } catch (error) {
      return { status: errorStatus(error), nominatedNode: '' };
    }
    if (opinion.accepted.size > 0) return this.#schedulingCycle(attempt, opinion);
    for (const [name, status] of opinion.refused) found.diagnosis.nodeStatuses.set(name, status);
    return this.#postFilter(attempt, found.diagnosis, cache.snapshot.nodes.length);
  }

  #scheduleOptions(): ScheduleOptions {
    const { random, percentageOfNodesToScore } = this.#options;
    return { random, cursor: this.#cursor, percentageOfNodesToScore };
  }

  /** Chooses a node, takes the room on it, and runs reserve and permit. */
  #schedulingCycle(attempt: Attempt, opinion?: ExtenderOpinion): PodInfo | Failure | Promise<Failure> {
    const { cache, metrics, clock } = this.#options;
    const { queued, framework, state } = attempt;
    const options = { ...this.#scheduleOptions(), ...(opinion ? { opinion } : {}) };
    const result = schedulePod(queued.info, cache.snapshot, framework, state, options);
    metrics.algorithmRan(clock.monotonicMs() - attempt.startMs);
    switch (result.kind) {
      case 'noNodes':
        return {
          status: new Status('UnschedulableAndUnresolvable', ['no nodes available to schedule pods']),
          nominatedNode: '',
        };
      case 'error':
        return { status: errorStatus(result.error), nominatedNode: '' };
      case 'unfit':
        return this.#postFilter(attempt, result.diagnosis, result.nodeCount);
      case 'scheduled':
        return this.#assume(attempt, result.node);
    }
  }

  /** No node fits: perhaps room can be made, for another attempt later. A promise where extenders have a say in it. */
  #postFilter(
    { queued, framework, state }: Attempt,
    diagnosis: Diagnosis,
    nodeCount: number,
  ): Failure | Promise<Failure> {
    queued.unschedulablePlugins = diagnosis.unschedulablePlugins;
    queued.pendingPlugins = diagnosis.pendingPlugins;
    const failure = ({ status, nominatedNode }: PostFilterResult): Failure => {
      diagnosis.postFilterMessage = status?.message ?? '';
      return { status: new Status('Unschedulable', [fitErrorMessage(diagnosis, nodeCount)]), nominatedNode };
    };
    if (framework.plugins.postFilter.length === 0) return failure({ status: undefined, nominatedNode: '' });
    const result = framework.runPostFilters(state, queued.info, diagnosis.nodeStatuses);
    return result instanceof Promise ? result.then(failure) : failure(result);
  }

  #assume({ queued, framework, state }: Attempt, nodeName: string): PodInfo | Failure {
    const { cache, nominatedPods } = this.#options;
    const assumed = queued.info.assumedOn(nodeName);
    try {
      cache.assumePod(assumed);
    } catch (error) {
      return { status: errorStatus(error), nominatedNode: '' };
    }
    nominatedPods.delete(assumed.uid);
    const status = framework.runReserve(state, assumed, nodeName) ?? framework.runPermits(state, assumed, nodeName);
    if (!status || status.code === 'Wait') return assumed;
    framework.runUnreserve(state, assumed, nodeName);
    cache.forgetPod(assumed.uid);
    return { status: this.#rejectedOnNode(queued, status, nodeName), nominatedNode: '' };
  }

  /** Waits for permit, then prepares and makes the binding. */
  async #bindingCycle({ queued, framework, state, startMs }: Attempt, assumed: PodInfo): Promise<Failure | undefined> {
    const { queue, cache, recorderOf, metrics, clock, logger } = this.#options;
    const nodeName = assumed.pod.spec.nodeName!;
    const rejection = await framework.waitOnPermit(assumed);
    if (rejection) return { status: this.#rejectedOnNode(queued, rejection, nodeName), nominatedNode: '' };
    // Nothing that fails from here on makes the pod unschedulable; it is just tried again.
    queue.done(assumed.uid);

    const status =
      (await framework.runPreBinds(state, assumed, nodeName)) ??
      (await this.#bind(framework, state, assumed, nodeName));
    if (status) return { status, nominatedNode: '' };
    cache.finishBinding(assumed.uid);
    const note = `Successfully assigned ${assumed.key} to ${nodeName}`;
    recorderOf(framework.schedulerName).event(assumed.pod, 'Normal', 'Scheduled', note);
    logger.debug({ pod: assumed.key, node: nodeName }, 'Successfully bound pod to node');
    metrics.attempted('scheduled', framework.schedulerName, clock.monotonicMs() - startMs);
    metrics.podScheduled(queued.attempts, clock.now().getTime() - (queued.initialAttemptMs ?? 0));
    framework.runPostBinds(state, assumed, nodeName);
    return undefined;
  }

  /** An extender that binds does so instead of the plugins. */
  async #bind(
    framework: Framework,
    state: CycleState,
    assumed: PodInfo,
    nodeName: string,
  ): Promise<Status | undefined> {
    const binder = this.#options.extenders.find((extender) => extender.isBinder && extender.isInterested(assumed.pod));
    if (!binder) return framework.runBinds(state, assumed, nodeName);
    try {
      await binder.bind(assumed.pod, nodeName);
      return undefined;
    } catch (error) {
      return errorStatus(error);
    }
  }

  /** The room the pod had taken is free again: for others as if it had been deleted. */
  #undoBinding(attempt: Attempt, assumed: PodInfo, failure: Failure): void {
    const { cache, queue } = this.#options;
    attempt.framework.runUnreserve(attempt.state, assumed, assumed.pod.spec.nodeName!);
    cache.forgetPod(assumed.uid);
    if (!failure.status.isRejected) queue.moveAll(ClusterEvents.assignedPodDelete, assumed.pod, undefined);
    this.#handleFailure(attempt, failure);
    if (failure.status.isRejected) {
      queue.moveAll(ClusterEvents.assignedPodDelete, assumed.pod, undefined, (pod) => pod.uid !== assumed.uid);
    }
  }

  /** Puts the pod back into the queue and says why, in an event and in its PodScheduled condition. */
  #handleFailure({ queued, framework, startMs }: Attempt, { status, nominatedNode }: Failure): void {
    const { queue, nominatedPods, listers, recorderOf, metrics, clock, logger, api } = this.#options;
    const { pod, uid, key } = queued.info;
    const rejected = status.isRejected;
    metrics.attempted(rejected ? 'unschedulable' : 'error', framework.schedulerName, clock.monotonicMs() - startMs);
    if (rejected) logger.debug({ pod: key, reason: status.message }, 'Unable to schedule pod; no fit; waiting');
    else logger.error({ pod: key, err: status.error }, 'Error scheduling pod; retrying');

    const current = listers.pods.get(key);
    const isStillPending = current?.metadata.uid === pod.metadata.uid && !current?.spec.nodeName;
    if (current && isStillPending) {
      if (current !== pod) queued.info = new PodInfo(current);
      queue.addUnschedulable(queued);
      // Before the apiserver's own word comes back, so that the next pod respects it already.
      if (nominatedNode !== undefined) nominatedPods.set(queued.info, nominatedNode);
      else nominatedPods.update(queued.info, queued.info);
    } else {
      queue.done(uid);
    }

    recorderOf(framework.schedulerName).event(pod, 'Warning', 'FailedScheduling', truncated(status.message));
    const condition: PodCondition = {
      type: 'PodScheduled',
      status: 'False',
      reason: rejected ? 'Unschedulable' : 'SchedulerError',
      message: status.message,
    };
    const change = nominatedNode === undefined ? { condition } : { condition, nominatedNodeName: nominatedNode };
    api.patchPodStatus(pod, change).catch((error: unknown) => {
      logger.info({ pod: key, err: error }, 'Error updating pod');
    });
  }

  /** A pod being deleted is not worth a node, and one already assumed has got one. */
  #skips({ info }: QueuedPodInfo): boolean {
    const { recorderOf, cache } = this.#options;
    if (info.isTerminating) {
      const recorder = recorderOf(info.pod.spec.schedulerName ?? '');
      recorder.event(info.pod, 'Warning', 'FailedScheduling', `skip schedule deleting pod: ${info.key}`);
      return true;
    }
    return cache.isAssumed(info.uid);
  }

  /** A rejection at reserve or permit, worded and remembered like one by a filter of that node. */
  #rejectedOnNode(queued: QueuedPodInfo, status: Status, nodeName: string): Status {
    if (!status.isRejected) return status;
    const diagnosis = new Diagnosis();
    diagnosis.nodeStatuses.set(nodeName, status);
    diagnosis.addPluginStatus(status);
    queued.unschedulablePlugins = diagnosis.unschedulablePlugins;
    queued.pendingPlugins = diagnosis.pendingPlugins;
    return new Status(status.code, [fitErrorMessage(diagnosis, 1)]);
  }
}

function truncated(message: string): string {
  return message.length <= NOTE_LENGTH_LIMIT ? message : `${message.slice(0, NOTE_LENGTH_LIMIT - 4)} ...`;
}
