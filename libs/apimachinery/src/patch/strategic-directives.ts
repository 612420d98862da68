import { isJsonObject, setOwn } from '../deep/own-property.ts';

/** `$patch: replace|delete` acts on the map it stands in, or on the item of a list. */
export const DIRECTIVE = '$patch';
/** `$retainKeys: [a, b]`: no other key of the map may stay. */
export const RETAIN_KEYS = '$retainKeys';
/** `$deleteFromPrimitiveList/finalizers: [x]`: items to take out of a list of scalars. */
export const DELETE_FROM_PRIMITIVE_LIST = '$deleteFromPrimitiveList';
/** `$setElementOrder/containers: [{name: a}, …]`: the order of the list after the merge. */
export const SET_ELEMENT_ORDER = '$setElementOrder';

/** What a patch adds where there was nothing: without nulls, and without the parts that only direct a merge. */
export function withoutDirectives(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutDirectives).filter((item) => item !== undefined);
  if (!isJsonObject(value)) return value;
  if (Object.hasOwn(value, DIRECTIVE)) return undefined;
  const kept: Record<string, unknown> = {};
  for (const key of Object.keys(value)) {
    const item = value[key];
    const added = item === null ? undefined : withoutDirectives(item);
    if (added !== undefined) setOwn(kept, key, added);
  }
  return kept;
}
