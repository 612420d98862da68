import {
  badRequest,
  deepEqual,
  type FieldError,
  fieldPath,
  invalid,
  invalidValue,
  type KubeObject,
  type ObjectMeta,
  type ResourceDefinition,
  type Strategy,
  type UpdateCheck,
  nameIsPathSegment,
  validateObjectMeta,
  validateObjectMetaUpdate,
} from '@pilothouse/apimachinery';
import type { ObjectName } from '@pilothouse/storage';
import { metadataErrors, sayWarnings } from './before-create.ts';
import { orderMetadata } from './metadata.ts';
import { finalizerErrors } from './standard-finalizers.ts';
import { throwIfInvalid } from './validation-errors.ts';
import type { WriteContext } from './write-context.ts';

const DEFAULT_CHECKS: readonly UpdateCheck[] = ['metadataUpdate', 'update'];

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
  object.metadata = keepSystemMetadata(object.metadata ?? {}, old.metadata ?? {});
  strategy.prepareForUpdate?.(object, old, context);
  if (strategy.tracksGeneration && differsBesidesMetadataAndStatus(object, old)) {
    object.metadata = orderMetadata({ ...object.metadata, generation: (old.metadata?.generation ?? 0) + 1 });
  }
  const parts: Readonly<Record<UpdateCheck, () => FieldError[]>> = {
    metadata: () => metadataErrors(definition, object),
    metadataUpdate: () => [...validateObjectMetaUpdate(object, old), ...finalizerErrors(definition, object)],
    object: () => strategy.validate(object, context),
    update: () => strategy.validateUpdate(object, old, context),
  };
  throwIfInvalid(definition, object, [
    ...validateObjectMeta(object, definition.namespaced, nameIsPathSegment),
    ...validateObjectMetaUpdate(object, old),
    ...(strategy.updateChecks ?? DEFAULT_CHECKS).flatMap((part) => parts[part]()),
  ]);
  sayWarnings(strategy, object, old, context);
}

function keepSystemMetadata(metadata: ObjectMeta, old: ObjectMeta): ObjectMeta {
  const kept: ObjectMeta = { ...metadata };
  delete kept.selfLink;
  kept.generation = old.generation;
  kept.creationTimestamp = old.creationTimestamp;
  kept.uid = metadata.uid || old.uid;
  // By now it is the stored one or unset, and unset means the last writer wins.
  kept.resourceVersion = old.resourceVersion;
  // What is set stays; what is not yet set only a delete sets, and validation says so.
  if (old.deletionTimestamp !== undefined) kept.deletionTimestamp = old.deletionTimestamp;
  kept.deletionGracePeriodSeconds ??= old.deletionGracePeriodSeconds;
  return orderMetadata(kept);
}

/** An update must say which version it read, unless the kind lets the last writer win. */
export function requireResourceVersion(definition: ResourceDefinition, object: KubeObject): void {
  if (definition.strategy.allowUnconditionalUpdate) return;
  const error = invalidValue(fieldPath('metadata', 'resourceVersion'), 0, 'must be specified for an update');
  // Upstream names the resource here where it names the kind elsewhere.
  throw invalid(definition.group, definition.resource, object.metadata?.name ?? '', [error]);
}

/** Upstream: checkName of endpoints/handlers. */
export function requireName({ metadata = {} }: KubeObject, { name, namespace }: ObjectName): void {
  if (!metadata.name) {
    throw badRequest(`the name of the object (${name} based on URL) was undeterminable: name must be provided`);
  }
  if (metadata.name !== name) {
    throw badRequest(`the name of the object (${metadata.name}) does not match the name on the URL (${name})`);
  }
  if (namespace !== '' && metadata.namespace && metadata.namespace !== namespace) {
    throw badRequest(
      `the namespace of the object (${metadata.namespace}) does not match the namespace on the request (${namespace})`,
    );
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
