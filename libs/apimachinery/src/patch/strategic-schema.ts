import type { Property, Schema } from '../schema/schema.ts';
import { badRequest } from '../errors/status-error.ts';

/** What the schema says of merging one field. */
export interface FieldMerge {
  readonly schema: Schema | undefined;
  /** `replace` swaps the value, `merge` merges lists by key; maps merge unless told to be replaced. */
  readonly strategy: string;
  readonly mergeKey: string;
}

/** Looks a field up, as upstream looks up the tags of a Go struct: an unknown field cannot be merged. */
export function fieldMerge(schema: Schema | undefined, key: string): FieldMerge {
  if (schema?.type === 'map') return { schema: schema.values, strategy: '', mergeKey: '' };
  const property = schema?.type === 'object' ? schema.properties.get(key) : undefined;
  if (property === undefined) {
    throw badRequest(
      `unable to find api field in struct ${structName(schema)} for the json field ${JSON.stringify(key)}`,
    );
  }
  return { schema: property.schema, strategy: strategyOf(property), mergeKey: property.patchMergeKey ?? '' };
}

/** `retainKeys` is a hint to clients and stands beside the strategy that matters here. */
function strategyOf({ patchStrategy }: Property): string {
  return patchStrategy?.split(',').find((each) => each !== 'retainKeys') ?? '';
}

function structName(schema: Schema | undefined): string {
  if (schema === undefined) return '';
  if (schema.type === 'object') return schema.name?.slice(schema.name.lastIndexOf('.') + 1) ?? '';
  return `${schema.type[0]?.toUpperCase()}${schema.type.slice(1)}`;
}
