import {
  nameIsPathSegment,
  validateObjectMeta,
  type FieldError,
  type KubeObject,
  type ResourceDefinition,
  type Strategy,
} from '@pilothouse/apimachinery';
import { resetStatus } from './keep-status.ts';
import { orderMetadata } from './metadata.ts';
import { finalizerErrors } from './standard-finalizers.ts';
import { throwIfInvalid } from './validation-errors.ts';
import type { WriteContext } from './write-context.ts';

/**
 * The last steps before an object is stored for the first time: strategy, generation, validation, warnings. Changes
 * the object in place; throws 422. Upstream: rest.BeforeCreate.
 */
export function beforeCreate(definition: ResourceDefinition, object: KubeObject, context: WriteContext): void {
  const { strategy } = definition;
  resetStatus(definition, object, context.version);
  strategy.prepareForCreate?.(object, context);
  if (strategy.tracksGeneration) object.metadata = orderMetadata({ ...object.metadata, generation: 1 });
  throwIfInvalid(definition, object, [...metadataErrors(definition, object), ...strategy.validate(object, context)]);
  // A kind that takes every name still has to be found under it.
  throwIfInvalid(definition, object, validateObjectMeta(object, definition.namespaced, nameIsPathSegment));
  sayWarnings(strategy, object, undefined, context);
}

/** What is wrong with the metadata of a new object. */
export function metadataErrors(definition: ResourceDefinition, object: KubeObject): FieldError[] {
  const { namespaced, strategy } = definition;
  return [...validateObjectMeta(object, namespaced, strategy.validateName), ...finalizerErrors(definition, object)];
}

export function sayWarnings(
  strategy: Strategy,
  object: KubeObject,
  old: KubeObject | undefined,
  context: WriteContext,
) {
  for (const text of strategy.warnings?.(object, old, context) ?? []) context.warn(text);
}
