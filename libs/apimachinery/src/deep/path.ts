import { getOwn, isJsonObject, setOwn } from './own-property.ts';

/** Steps into a JSON value: property names, or positions in a list (`0` or `'0'`). */
export type JsonPath = readonly (string | number)[];

/** The value at the path, undefined where the path leaves the object. */
export function getPath(value: unknown, path: JsonPath): unknown {
  let current = value;
  for (const step of path) {
    if (Array.isArray(current)) current = current[Number(step)];
    else if (isJsonObject(current)) current = getOwn(current, String(step));
    else return undefined;
  }
  return current;
}

/**
 * Copy-on-write: a value that differs from the given one only at the path. What lies beside the path is shared with
 * the original, which stays as it was. Missing objects on the way are made; a list item must exist or be the next one.
 */
export function setPath<T>(value: T, path: JsonPath, leaf: unknown): T {
  return replaceAt(value, path, 0, leaf) as T;
}

/** Copy-on-write removal; the original itself when there is nothing at the path. */
export function deletePath<T>(value: T, path: JsonPath): T {
  return getPath(value, path) === undefined ? value : (replaceAt(value, path, 0, undefined) as T);
}

function replaceAt(value: unknown, path: JsonPath, depth: number, leaf: unknown): unknown {
  if (depth === path.length) return leaf;
  const step = path[depth]!;
  const last = depth === path.length - 1;
  if (Array.isArray(value)) {
    const position = Number(step);
    if (!Number.isInteger(position) || position < 0 || position > value.length) {
      throw new RangeError(`no item ${step} in a list of ${value.length}`);
    }
    if (last && leaf === undefined) return value.toSpliced(position, 1);
    const copy = value.slice();
    copy[position] = replaceAt(value[position], path, depth + 1, leaf);
    return copy;
  }
  const copy = isJsonObject(value) ? shallowCopy(value) : {};
  const key = String(step);
  if (last && leaf === undefined) Reflect.deleteProperty(copy, key);
  else setOwn(copy, key, replaceAt(isJsonObject(value) ? getOwn(value, key) : undefined, path, depth + 1, leaf));
  return copy;
}

/** Like a spread, which (unlike assignment) defines `__proto__` as an ordinary own property. */
function shallowCopy(object: Record<string, unknown>): Record<string, unknown> {
  return { ...object };
}
