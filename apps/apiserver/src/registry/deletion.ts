import {
  badRequest,
  conflict,
  invalid,
  validateDeleteOptions as deleteOptionsErrors,
  type KubeObject,
  type ObjectMeta,
  type ResourceDefinition,
} from '@pilothouse/apimachinery';
import type { ObjectName } from '@pilothouse/storage';
import { formatTime, orderMetadata } from './metadata.ts';

/** meta/v1 DeleteOptions, as far as a delete needs them. */
export interface DeleteOptions {
  gracePeriodSeconds?: number;
  preconditions?: { uid?: string; resourceVersion?: string };
  orphanDependents?: boolean;
  propagationPolicy?: string;
  dryRun?: string[];
}

/** What a delete does to what is stored. */
export type DeletionPlan =
  /** Remove it now. */
  | { readonly act: 'remove' }
  /** Keep it for now, with these deletion marks. */
  | { readonly act: 'mark'; readonly object: KubeObject }
  /** It is already on its way out, and nothing changes. */
  | { readonly act: 'nothing' };

export type PlanDeletion = (
  definition: ResourceDefinition,
  object: KubeObject,
  options: DeleteOptions,
  now: Date,
) => DeletionPlan;

const ORPHAN = 'orphan';
const FOREGROUND = 'foregroundDeletion';

export function validateDeleteOptions(options: DeleteOptions): void {
  const errors = deleteOptionsErrors(options);
  if (errors.length > 0) throw invalid('meta.k8s.io', 'DeleteOptions', '', errors);
}

/** Throws 409 when the object is not the one that the client wants deleted. Upstream: rest.BeforeDelete. */
export function checkPreconditions(
  { group, kind }: ResourceDefinition,
  metadata: ObjectMeta,
  preconditions: DeleteOptions['preconditions'],
): void {
  const mismatch = (what: string, wanted: string, actual: string | undefined, guess: string) =>
    // Upstream names the kind here where it names the resource elsewhere.
    conflict(
      { group, resource: kind },
      metadata.name ?? '',
      `the ${what} in the precondition (${wanted}) does not match the ${what} in record (${actual ?? ''}). ${guess}`,
    );
  const { uid, resourceVersion } = preconditions ?? {};
  if (uid !== undefined && uid !== metadata.uid) {
    throw mismatch('UID', uid, metadata.uid, 'The object might have been deleted and then recreated');
  }
  if (resourceVersion !== undefined && resourceVersion !== metadata.resourceVersion) {
    throw mismatch('ResourceVersion', resourceVersion, metadata.resourceVersion, 'The object might have been modified');
  }
}

/** Throws 409 when a write means an object of another uid, in the words of upstream's storage, which finds it out. */
export function checkUid(
  definition: ResourceDefinition,
  { namespace, name }: ObjectName,
  actual: string | undefined,
  wanted: string,
): void {
  if (wanted === actual) return;
  const key = ['/registry', definition.storagePrefix, namespace, name].filter((each) => each !== '').join('/');
  throw conflict(
    definition,
    name,
    `StorageError: invalid object, Code: 4, Key: ${key}, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: ${wanted}, UID in object meta: ${actual ?? ''}`,
  );
}

/**
 * Decides what a delete does: remove, mark for a graceful end, or wait for finalizers. Pure; never changes `object`.
 * Upstream: rest.BeforeDelete and the finalizer rules of registry.Store.
 */
export function planDeletion(
  definition: ResourceDefinition,
  object: KubeObject,
  options: DeleteOptions,
  now: Date,
): DeletionPlan {
  if (options.gracePeriodSeconds !== undefined && !Number.isInteger(options.gracePeriodSeconds)) {
    throw badRequest('gracePeriodSeconds must be an integer');
  }
  const before = object.metadata ?? {};
  const metadata: ObjectMeta = { ...before };
  const grace = planGrace(definition, object, options, now);
  if (grace.act === 'nothing') return grace;
  if (grace.act === 'mark') Object.assign(metadata, grace.marks);

  const finalizers = finalizersFor(definition, before.finalizers ?? [], options);
  const finalizersChanged = !sameFinalizers(finalizers, before.finalizers ?? []);
  if (finalizersChanged) metadata.finalizers = finalizers.length > 0 ? finalizers : undefined;
  if (grace.act === 'remove') {
    if (finalizers.length === 0) return { act: 'remove' };
    if (before.deletionTimestamp === undefined) {
      metadata.deletionTimestamp = formatTime(now);
      metadata.deletionGracePeriodSeconds = 0;
      bumpGeneration(metadata);
    } else if (before.deletionGracePeriodSeconds !== 0) {
      metadata.deletionGracePeriodSeconds = 0;
      // Its grace is over now; only the finalizers are waited for.
      if (Date.parse(before.deletionTimestamp) > now.getTime()) metadata.deletionTimestamp = formatTime(now);
    } else if (!finalizersChanged) {
      return { act: 'nothing' };
    }
  }
  return { act: 'mark', object: { ...object, metadata: orderMetadata(metadata) } };
}

type GracePlan = { readonly act: 'remove' | 'nothing' } | { readonly act: 'mark'; readonly marks: Partial<ObjectMeta> };

function planGrace(definition: ResourceDefinition, object: KubeObject, options: DeleteOptions, now: Date): GracePlan {
  const rule = definition.strategy.gracePeriodSeconds;
  if (rule === undefined) return { act: 'remove' };
  const metadata = object.metadata ?? {};
  const requested = options.gracePeriodSeconds;
  if (metadata.deletionTimestamp === undefined) {
    const grace = atLeastOne(rule(object, requested));
    if (grace === 0) return { act: 'remove' };
    const marks: Partial<ObjectMeta> = {
      deletionTimestamp: formatTime(new Date(now.getTime() + grace * 1000)),
      deletionGracePeriodSeconds: grace,
    };
    if (metadata.generation) marks.generation = metadata.generation + 1;
    return { act: 'mark', marks };
  }
  // A second delete may shorten the wait, never lengthen it.
  const current = metadata.deletionGracePeriodSeconds ?? 0;
  if (current === 0) return { act: 'remove' };
  if (requested === undefined) return { act: 'nothing' };
  const grace = atLeastOne(rule(object, requested));
  if (grace >= current) return { act: 'nothing' };
  if (grace === 0) return { act: 'remove' };
  const end = Date.parse(metadata.deletionTimestamp) - (current - grace) * 1000;
  const late = end <= now.getTime();
  return {
    act: 'mark',
    marks: {
      deletionTimestamp: formatTime(new Date(late ? now.getTime() : end)),
      deletionGracePeriodSeconds: late ? 1 : grace,
    },
  };
}

/** A negative grace period reads as the shortest one that still is one. */
const atLeastOne = (seconds: number) => (seconds < 0 ? 1 : seconds);

function bumpGeneration(metadata: ObjectMeta): void {
  if (metadata.generation) metadata.generation += 1;
}

/** The garbage collector's finalizers that the propagation policy asks for, with the others kept. */
export function finalizersFor(
  definition: ResourceDefinition,
  current: readonly string[],
  options: DeleteOptions,
): string[] {
  const policy = propagation(definition, current, options);
  const kept = current.filter((each) => each !== ORPHAN && each !== FOREGROUND);
  if (policy === 'Orphan') kept.push(ORPHAN);
  if (policy === 'Foreground') kept.push(FOREGROUND);
  return kept;
}

function propagation(
  definition: ResourceDefinition,
  current: readonly string[],
  { propagationPolicy, orphanDependents }: DeleteOptions,
): string {
  if (propagationPolicy !== undefined) return propagationPolicy;
  if (orphanDependents !== undefined) return orphanDependents ? 'Orphan' : 'Background';
  if (current.includes(ORPHAN)) return 'Orphan';
  if (current.includes(FOREGROUND)) return 'Foreground';
  return definition.strategy.defaultPropagation;
}

function sameFinalizers(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((each) => b.includes(each));
}

/** An update that leaves an object that is being deleted without finalizers removes it. */
export function isFinishedByUpdate(object: KubeObject, old: KubeObject): boolean {
  const before = old.metadata ?? {};
  return (
    before.deletionTimestamp !== undefined &&
    (before.deletionGracePeriodSeconds ?? 0) === 0 &&
    (object.metadata?.finalizers ?? []).length === 0
  );
}
