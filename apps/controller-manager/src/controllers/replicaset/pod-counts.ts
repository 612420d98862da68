import { controllerRefOf } from '@pilothouse/apimachinery';
import type { Pod, ReplicaSet } from '@pilothouse/api';
import type { SharedInformer } from '@pilothouse/client';
import { isPodActive, isPodAvailable, isPodReady, isPodTerminal } from '@pilothouse/controller';
import type { Owner } from '../claim-owned.ts';
import { countOwnedBy, orphansBeside } from '../pod-index.ts';

/** The pods of a replica set in numbers: all that its status says of them. */
export interface PodCounts {
  readonly active: number;
  /** Active with all labels of the template. */
  readonly fullyLabeled: number;
  readonly ready: number;
  readonly available: number;
  readonly terminating: number;
}

/** Looks at every pod. */
export function countPods(replicaSet: ReplicaSet, owned: readonly Pod[], now: Date): PodCounts {
  const templateLabels = Object.entries(replicaSet.spec.template?.metadata?.labels ?? {});
  const minReadySeconds = replicaSet.spec.minReadySeconds ?? 0;
  const counts = { active: 0, fullyLabeled: 0, ready: 0, available: 0, terminating: 0 };
  for (const pod of owned) {
    if (!isPodActive(pod)) {
      if (stateOf(pod) === 'terminating') counts.terminating++;
      continue;
    }
    counts.active++;
    const labels = pod.metadata.labels ?? {};
    if (templateLabels.every(([key, value]) => labels[key] === value)) counts.fullyLabeled++;
    if (!isPodReady(pod)) continue;
    counts.ready++;
    if (isPodAvailable(pod, minReadySeconds, now)) counts.available++;
  }
  return counts;
}

const INDEX = 'replica-state';

/** Indexes pods by their controller, what they are to it, and their labels, for `countUniformPods`. */
export function indexByReplicaState(informer: SharedInformer<Pod>): void {
  informer.addIndex(INDEX, (pod) => {
    const owner = controllerRefOf(pod);
    return owner ? [indexKey(owner.uid, stateOf(pod), pod.metadata.labels)] : [];
  });
}

/**
 * The same numbers without looking at any pod: a replica set of ten thousand is synced at nearly every change of one
 * of them. Undefined unless all is as nearly always: its pods bear the labels of the template and no others, none
 * waits to be adopted, and ready is available.
 */
export function countUniformPods(informer: SharedInformer<Pod>, { object, selector }: Owner<ReplicaSet>) {
  if ((object.spec.minReadySeconds ?? 0) > 0) return undefined;
  const labels = object.spec.template?.metadata?.labels;
  if (!selector.matches(labels ?? {})) return undefined;
  const uid = object.metadata.uid ?? '';
  const count = (state: ReplicaState) => informer.lister.countByIndex(INDEX, indexKey(uid, state, labels));
  const [ready, unready, terminating] = [count('ready'), count('unready'), count('terminating')];
  if (ready + unready + terminating + count('terminal') !== countOwnedBy(informer, object)) return undefined;
  if (orphansBeside(informer, object).some((pod) => selector.matches(pod.metadata.labels ?? {}))) return undefined;
  const active = ready + unready;
  return { active, fullyLabeled: active, ready, available: ready, terminating } satisfies PodCounts;
}

type ReplicaState = 'ready' | 'unready' | 'terminating' | 'terminal';

function stateOf(pod: Pod): ReplicaState {
  if (isPodTerminal(pod)) return 'terminal';
  if (pod.metadata.deletionTimestamp) return 'terminating';
  return isPodReady(pod) ? 'ready' : 'unready';
}

function indexKey(uid: string, state: ReplicaState, labels: Readonly<Record<string, string>> | undefined): string {
  return `${uid}/${state}/${JSON.stringify(Object.entries(labels ?? {}).toSorted(([a], [b]) => (a < b ? -1 : 1)))}`;
}
