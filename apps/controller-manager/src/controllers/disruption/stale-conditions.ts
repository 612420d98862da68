import { isConflict, isNotFound, objectKey } from '@pilothouse/apimachinery';
import { pods, type Pod } from '@pilothouse/api';
import type { SharedInformer } from '@pilothouse/client';
import {
  type Controller,
  createWorkQueue,
  isPodTerminal,
  type ReconcileResult,
  type WorkQueue,
} from '@pilothouse/controller';
import type { ControllerContext } from '../../controller-context.ts';
import { findCondition, formatTime, setCondition } from '../conditions.ts';

const DISRUPTION_TARGET = 'DisruptionTarget';
const STALE_AFTER_MS = 120_000;

/**
 * Takes back the condition of pods that were to be disrupted and then were not: whoever set it has failed before it
 * deleted them. Mirrors the stale pod disruption queue of pkg/controller/disruption.
 */
export class StaleDisruptionConditions implements Controller {
  readonly name = 'stale-pod-disruption-controller';
  readonly workers = 1;
  readonly queue: WorkQueue<string>;
  private readonly context: ControllerContext;
  private readonly pods: SharedInformer<Pod>;

  constructor(context: ControllerContext) {
    this.context = context;
    this.queue = createWorkQueue({ name: this.name, clock: context.clock, metrics: context.metrics });
    this.pods = context.informers.for(pods);
    const enqueue = (pod: Pod): void => {
      const staleInMs = planStaleness(pod, this.context.clock.now());
      if (staleInMs !== undefined) this.queue.addAfter(objectKey(pod), staleInMs);
    };
    this.pods.addHandler({ onAdd: enqueue, onUpdate: (_, pod) => enqueue(pod) });
  }

  async reconcile(key: string): Promise<ReconcileResult> {
    const pod = this.pods.lister.get(key);
    const now = this.context.clock.now();
    const staleInMs = pod && planStaleness(pod, now);
    if (!pod || staleInMs === undefined) return;
    if (staleInMs > 0) return { requeueAfterMs: staleInMs };
    const { namespace = '', generation } = pod.metadata;
    const condition = {
      type: DISRUPTION_TARGET,
      status: 'False',
      lastTransitionTime: formatTime(now),
      ...(generation ? { observedGeneration: generation } : {}),
    };
    const status = { ...pod.status, conditions: setCondition(pod.status?.conditions, condition) };
    try {
      await this.context.client.resource(pods).update({ ...pod, status }, { namespace, subresource: 'status' });
    } catch (error) {
      // A conflict brings the pod as it is now, and with it another look.
      if (!isNotFound(error) && !isConflict(error)) throw error;
    }
  }
}

/**
 * How long until the condition counts as left behind; undefined for a pod that has none, or whose condition stays: a
 * kubelet takes as long as the pod does to end. Pure.
 */
export function planStaleness(pod: Pod, now: Date): number | undefined {
  if (pod.metadata.deletionTimestamp || isPodTerminal(pod)) return undefined;
  const condition = findCondition(pod.status?.conditions, DISRUPTION_TARGET);
  if (condition?.status !== 'True' || condition.reason === 'TerminationByKubelet') return undefined;
  const sinceMs = Date.parse(condition.lastTransitionTime ?? '') || 0;
  return Math.max(0, sinceMs + STALE_AFTER_MS - now.getTime());
}
