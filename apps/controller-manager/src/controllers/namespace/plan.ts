import type { Namespace, NamespaceCondition, NamespaceStatus } from '@pilothouse/api';
import { formatTime, setCondition } from '../conditions.ts';

/** What is left of a resource in a namespace after everything in it was told to go. */
export interface Remainder {
  /** `pods.` or `widgets.example.com`, as upstream prints a group-resource. */
  readonly resource: string;
  readonly count: number;
  /** Finalizer → number of objects that wait for it. */
  readonly finalizers: ReadonlyMap<string, number>;
}

export interface PurgeResult {
  readonly remainders: readonly Remainder[];
  /** Groups whose resources could not be listed. */
  readonly discoveryFailures: readonly string[];
  readonly deletionErrors: readonly string[];
}

const FINALIZER = 'kubernetes';

export const isEmpty = (result: PurgeResult): boolean =>
  result.remainders.length === 0 && result.discoveryFailures.length === 0 && result.deletionErrors.length === 0;

/** The namespace without our finalizer: written to its `finalize` subresource when nothing is left in it. */
export function withoutFinalizer(namespace: Namespace): Namespace {
  const finalizers = (namespace.spec.finalizers ?? []).filter((each) => each !== FINALIZER);
  return { ...namespace, spec: { ...namespace.spec, finalizers } };
}

export const hasFinalizer = (namespace: Namespace): boolean => namespace.spec.finalizers?.includes(FINALIZER) === true;

/** Tells in conditions what a deletion waits for. Mirrors pkg/controller/namespace/deletion/status_condition_utils.go. */
export function planStatus(namespace: Namespace, result: PurgeResult, now: Date): NamespaceStatus {
  const time = formatTime(now);
  const remaining = result.remainders.filter(({ count }) => count > 0);
  const waiting = remaining.flatMap(({ finalizers }) => [...finalizers]);
  let conditions = namespace.status?.conditions;
  const set = (type: string, problem: string | undefined, reason: string, good: readonly [string, string]): void => {
    const condition: NamespaceCondition = problem
      ? { type, status: 'True', lastTransitionTime: time, reason, message: problem }
      : { type, status: 'False', lastTransitionTime: time, reason: good[0], message: good[1] };
    const current = conditions?.find((each) => each.type === type);
    if (current?.message !== condition.message && current?.status === condition.status) {
      conditions = conditions!.map((each) =>
        each === current ? { ...condition, lastTransitionTime: current.lastTransitionTime ?? time } : each,
      );
    } else {
      conditions = setCondition(conditions, condition);
    }
  };
  set(
    'NamespaceDeletionDiscoveryFailure',
    result.discoveryFailures.length
      ? `Discovery failed for some groups, ${result.discoveryFailures.length} failing: unable to retrieve the complete list of server APIs: ${result.discoveryFailures.join(', ')}`
      : undefined,
    'DiscoveryFailed',
    ['ResourcesDiscovered', 'All resources successfully discovered'],
  );
  set('NamespaceDeletionGroupVersionParsingFailure', undefined, 'GroupVersionParsingFailed', [
    'ParsedGroupVersions',
    'All legacy kube types successfully parsed',
  ]);
  set(
    'NamespaceDeletionContentFailure',
    result.deletionErrors.length
      ? `Failed to delete all resource types, ${result.deletionErrors.length} remaining: ${[...result.deletionErrors].sort().join(', ')}`
      : undefined,
    'ContentDeletionFailed',
    ['ContentDeleted', 'All content successfully deleted, may be waiting on finalization'],
  );
  set(
    'NamespaceContentRemaining',
    remaining.length
      ? `Some resources are remaining: ${remaining
          .map((each) => `${each.resource} has ${each.count} resource instances`)
          .sort()
          .join(', ')}`
      : undefined,
    'SomeResourcesRemain',
    ['ContentRemoved', 'All content successfully removed'],
  );
  set(
    'NamespaceFinalizersRemaining',
    waiting.length
      ? `Some content in the namespace has finalizers remaining: ${waiting
          .map(([name, count]) => `${name} in ${count} resource instances`)
          .sort()
          .join(', ')}`
      : undefined,
    'SomeFinalizersRemain',
    ['ContentHasNoFinalizers', 'All content-preserving finalizers finished'],
  );
  return { ...namespace.status, phase: 'Terminating', ...(conditions ? { conditions } : {}) };
}
