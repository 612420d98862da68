import { deepClone } from '../deep/deep-clone.ts';
import { getOwn, isJsonObject, setOwn } from '../deep/own-property.ts';
import { badRequest } from '../errors/status-error.ts';
import { jsonKind } from './patch-error.ts';

/** Checks the shape of a parsed merge patch: an object. Throws 400. */
export function decodeMergePatch(value: unknown): Record<string, unknown> {
  if (isJsonObject(value)) return value;
  // Go reads null as a map without saying anything; only the patch itself is then none.
  if (value === null) throw badRequest('Invalid JSON Patch');
  const message = `json: cannot unmarshal ${jsonKind(value)} into Go value of type map[string]interface {}`;
  throw badRequest(`error decoding patch: ${message}`);
}

/**
 * JSON Merge Patch, RFC 7396: objects merge, null deletes, everything else replaces. The result shares what the patch
 * does not touch with the original, which stays as it is.
 */
export function applyMergePatch<T extends object>(original: T, patch: Readonly<Record<string, unknown>>): T {
  return mergeObjects(original as Record<string, unknown>, patch) as T;
}

function mergeObjects(
  original: Readonly<Record<string, unknown>>,
  patch: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const merged = { ...original };
  for (const key of Object.keys(patch)) {
    const value = patch[key];
    if (value === null || value === undefined) Reflect.deleteProperty(merged, key);
    else setOwn(merged, key, mergeValue(getOwn(original, key), value));
  }
  return merged;
}

function mergeValue(original: unknown, patch: unknown): unknown {
  if (!isJsonObject(original)) return withoutNulls(patch);
  return isJsonObject(patch) ? mergeObjects(original, patch) : deepClone(patch);
}

/** A copy without null properties at any depth: they say that something is to be absent. Items of lists stay. */
export function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (!isJsonObject(value)) return value;
  const kept: Record<string, unknown> = {};
  for (const key of Object.keys(value)) {
    const item = value[key];
    if (item !== null && item !== undefined) setOwn(kept, key, withoutNulls(item));
  }
  return kept;
}
