import {
  badRequest,
  deepEqual,
  fieldPath,
  invalid,
  invalidValue,
  type KubeObject,
  type ObjectMeta,
  type ResourceDefinition,
  type Strategy,
  validateObjectMetaUpdate,
} from '@pilothouse/apimachinery';
import { sayWarnings } from './before-create.ts';
import { dedupeOwners, orderMetadata } from './metadata.ts';
import { throwIfInvalid } from './validation-errors.ts';
import type { WriteContext } from './write-context.ts';

/**
 * The last steps before a changed object is stored: what the client may not change is put back, strategy, generation,
 * validation, warnings. Changes the object in place; throws 422. Upstream: rest.BeforeUpdate.
 */
export function beforeUpdate(
  definition: ResourceDefinition,
  strategy: Strategy,
  object: KubeObject,
  old: KubeObject,
  context: WriteContext,
): void {
  dedupeOwners(object, context.warn);
  object.metadata = keepSystemMetadata(object.metadata ?? {}, old.metadata ?? {});
  strategy.prepareForUpdate?.(object, old, context);
  if (strategy.tracksGeneration && differsBesidesMetadataAndStatus(object, old)) {
    object.metadata = orderMetadata({ ...object.metadata, generation: (old.metadata?.generation ?? 0) + 1 });
  }
  throwIfInvalid(definition, object, [
    ...validateObjectMetaUpdate(object, old),
    ...strategy.validateUpdate(object, old, context),
  ]);
  sayWarnings(strategy, object, old, context);
}

function keepSystemMetadata(metadata: ObjectMeta, old: ObjectMeta): ObjectMeta {
  const kept: ObjectMeta = { ...metadata };
  delete kept.selfLink;
  kept.generation = old.generation;
  kept.creationTimestamp = old.creationTimestamp ?? null;
  kept.uid = metadata.uid || old.uid;
  // By now it is the stored one or unset, and unset means the last writer wins.
  kept.resourceVersion = old.resourceVersion;
  if (old.deletionTimestamp !== undefined) kept.deletionTimestamp = old.deletionTimestamp;
  else delete kept.deletionTimestamp;
  if (kept.deletionGracePeriodSeconds === undefined || old.deletionTimestamp === undefined) {
    kept.deletionGracePeriodSeconds = old.deletionGracePeriodSeconds;
  }
  return orderMetadata(kept);
}

/** An update must say which version it read, unless the kind lets the last writer win. */
export function requireResourceVersion(definition: ResourceDefinition, object: KubeObject): void {
  if (definition.strategy.allowUnconditionalUpdate) return;
  const error = invalidValue(fieldPath('metadata', 'resourceVersion'), 0, 'must be specified for an update');
  throw invalid(definition.group, definition.kind, object.metadata?.name ?? '', [error]);
}

export function requireName(object: KubeObject, name: string): void {
  const given = object.metadata?.name ?? '';
  if (given === '') throw badRequest('name must be provided');
  if (given !== name) {
    throw badRequest(`the name of the object (${given}) does not match the name on the URL (${name})`);
  }
}

/** Whether anything but metadata and status has changed: what a generation counts. */
export function differsBesidesMetadataAndStatus(a: KubeObject, b: KubeObject): boolean {
  return !deepEqual(withoutMetadataAndStatus(a), withoutMetadataAndStatus(b));
}

function withoutMetadataAndStatus(object: KubeObject): object {
  const { metadata: _metadata, status: _status, ...rest } = object as KubeObject & { status?: unknown };
  return rest;
}
