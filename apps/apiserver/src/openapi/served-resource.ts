import type { ResourceDefinition } from '@pilothouse/apimachinery';

/** A resource in one of its served versions. */
export interface ServedResource {
  readonly definition: ResourceDefinition;
  readonly version: string;
}
