import type { ResourceDefinition } from '@pilothouse/apimachinery';

/** A resource in one of its served versions. */
export interface ServedResource {
  readonly definition: ResourceDefinition;
  readonly version: string;
}

/** Whether a CustomResourceDefinition stands behind it, which upstream describes a little differently. */
export function isCustom({ definition, version }: ServedResource): boolean {
  return definition.versions.some((each) => each.version === version && each.schema.structural !== undefined);
}
