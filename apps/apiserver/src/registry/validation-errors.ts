import { invalid, type FieldError, type KubeObject, type ResourceDefinition } from '@pilothouse/apimachinery';

/** Throws 422 when there are errors. One that was found twice is a cause twice, but said once. */
export function throwIfInvalid(
  definition: ResourceDefinition,
  object: KubeObject,
  errors: readonly FieldError[],
): void {
  if (errors.length > 0) throw invalid(definition.group, definition.kind, object.metadata?.name ?? '', errors);
}
