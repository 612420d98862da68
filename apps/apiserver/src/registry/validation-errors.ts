import { invalid, type FieldError, type KubeObject, type ResourceDefinition } from '@pilothouse/apimachinery';

/** Throws 422 when there are errors. One that both the generic and the kind's own checks found is said once. */
export function throwIfInvalid(
  definition: ResourceDefinition,
  object: KubeObject,
  errors: readonly FieldError[],
): void {
  if (errors.length === 0) return;
  const unique = new Map(errors.map((error) => [`${error.field} ${error.body()}`, error]));
  throw invalid(definition.group, definition.kind, object.metadata?.name ?? '', [...unique.values()]);
}
