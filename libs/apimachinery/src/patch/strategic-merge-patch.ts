import { getOwn, isJsonObject, setOwn } from '../deep/own-property.ts';
import { badRequest } from '../errors/status-error.ts';
import type { ObjectSchema, Schema } from '../schema/schema.ts';
import { goFormat, goType } from './go-format.ts';
import {
  DELETE_FROM_PRIMITIVE_LIST,
  DIRECTIVE,
  RETAIN_KEYS,
  SET_ELEMENT_ORDER,
  withoutDirectives,
} from './strategic-directives.ts';
import { mergeLists, orderBySetElementOrder } from './strategic-lists.ts';
import { fieldMerge } from './strategic-schema.ts';

type JsonObject = Readonly<Record<string, unknown>>;

/**
 * Strategic merge patch: a merge patch that knows from the schema which lists to merge, and by which key.
 * https://kubernetes.io/docs/tasks/manage-kubernetes-objects/update-api-object-kubectl-patch/
 *
 * The result shares what the patch does not touch with the original. Neither argument is changed, and the result is
 * not in normal form: decode it before use. Throws StatusError as upstream would answer.
 */
export function applyStrategicMergePatch<T extends object>(schema: ObjectSchema, original: T, patch: JsonObject): T {
  return mergeMaps(schema, original as JsonObject, patch) as T;
}

export function mergeMaps(schema: Schema | undefined, original: JsonObject, patch: JsonObject): JsonObject {
  const directive = getOwn(patch, DIRECTIVE);
  if (directive !== undefined) return applyDirective(directive, patch);

  const merged: Record<string, unknown> = { ...retainedKeys(original, patch) };
  const done = applyElementOrders(schema, merged, patch);
  for (const patchKey of Object.keys(patch)) {
    if (patchKey === RETAIN_KEYS || done.has(patchKey)) continue;
    const deletes = patchKey.startsWith(DELETE_FROM_PRIMITIVE_LIST);
    const key = deletes
      ? listKeyOf(patchKey, DELETE_FROM_PRIMITIVE_LIST, 'invalid patch format of primitive list')
      : patchKey;
    const value = patch[patchKey];
    if (value === null || value === undefined) {
      Reflect.deleteProperty(merged, key);
      continue;
    }
    const current = getOwn(merged, key);
    if (goKind(current) !== goKind(value)) {
      if (deletes) continue;
      const added = withoutDirectives(value);
      if (added === undefined) Reflect.deleteProperty(merged, key);
      else setOwn(merged, key, added);
    } else if (Array.isArray(value)) {
      const { schema: field, strategy, mergeKey } = fieldMerge(schema, key);
      const items = field?.type === 'list' ? field.items : undefined;
      if (strategy === 'merge') setOwn(merged, key, mergeLists(items, mergeKey, current as unknown[], value, deletes));
      else setOwn(merged, key, value);
    } else if (isJsonObject(value)) {
      const { schema: field, strategy } = fieldMerge(schema, key);
      setOwn(merged, key, strategy === 'replace' ? value : mergeMaps(field, current as JsonObject, value));
    } else {
      setOwn(merged, key, value);
    }
  }
  return merged;
}

function applyDirective(directive: unknown, patch: JsonObject): JsonObject {
  if (directive === 'delete') return {};
  if (directive !== 'replace') {
    throw badRequest(`unknown patch type: ${goFormat(directive)} in map: ${goFormat(patch)}`);
  }
  const { [DIRECTIVE]: _, ...replacement } = patch;
  return replacement;
}

/** `$retainKeys` lists all that may stay: the members of a union that are not chosen go away. */
function retainedKeys(original: JsonObject, patch: JsonObject): JsonObject {
  const retain = getOwn(patch, RETAIN_KEYS);
  if (retain === undefined) return original;
  if (!Array.isArray(retain)) throw badRequest('invalid patch format of retainKeys');
  const kept = new Set<unknown>(retain);
  for (const key of Object.keys(patch)) {
    const directive =
      key === RETAIN_KEYS || key.startsWith(DELETE_FROM_PRIMITIVE_LIST) || key.startsWith(SET_ELEMENT_ORDER);
    if (!directive && patch[key] !== null && !kept.has(key)) throw badRequest('invalid patch format of retainKeys');
  }
  return Object.fromEntries(Object.entries(original).filter(([key]) => kept.has(key)));
}

/**
 * Merges each list that comes with a `$setElementOrder/<list>` and puts its items in that order. Returns the keys of
 * the patch that are dealt with.
 */
function applyElementOrders(
  schema: Schema | undefined,
  merged: Record<string, unknown>,
  patch: JsonObject,
): Set<string> {
  const done = new Set<string>();
  for (const directive of Object.keys(patch)) {
    if (!directive.startsWith(SET_ELEMENT_ORDER)) continue;
    done.add(directive);
    const order = listOf(patch[directive]);
    const key = listKeyOf(directive, SET_ELEMENT_ORDER, 'invalid patch format of setElementOrder list');
    const current = Object.hasOwn(merged, key) ? listOf(merged[key]) : undefined;
    const wanted = Object.hasOwn(patch, key) ? listOf(patch[key]) : undefined;
    const { schema: field, strategy, mergeKey } = fieldMerge(schema, key);
    const items = field?.type === 'list' ? field.items : undefined;
    const ordered = orderBySetElementOrder({ items, strategy, mergeKey, order, current, wanted });
    if (ordered === undefined) continue;
    setOwn(merged, key, ordered);
    done.add(key);
  }
  return done;
}

function listKeyOf(key: string, prefix: string, message: string): string {
  const slash = key.indexOf('/');
  if (slash < 0 || key.slice(0, slash) !== prefix) throw badRequest(message);
  return key.slice(slash + 1);
}

function listOf(value: unknown): unknown[] {
  if (Array.isArray(value)) return value;
  throw badRequest(`expected a []interface {}, but received a ${goType(value)}`);
}

/** Only two maps or two lists merge; among scalars the patch simply wins. */
function goKind(value: unknown): string {
  if (value === undefined || value === null) return 'absent';
  return Array.isArray(value) ? 'list' : typeof value === 'object' ? 'map' : 'scalar';
}
