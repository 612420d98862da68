import {
  applyJsonPatch,
  applyMergePatch,
  applyStrategicMergePatch,
  badRequest,
  decodeJsonPatch,
  decodeJsonValue,
  decodeMergePatch,
  deepClone,
  FieldError,
  invalid,
  JsonDecodeError,
  notFound,
  parseJson,
  type StatusError,
  type KubeObject,
  type ObjectSchema,
} from '@pilothouse/apimachinery';
import { reportStrictErrors } from '../negotiation/decode-body.ts';
import type { ApiRequest } from '../request.ts';
import type { WriteOptions } from './write-options.ts';

export type PatchType = 'json' | 'merge' | 'strategic' | 'apply';

export const PATCH_MEDIA_TYPES: ReadonlyMap<string, PatchType> = new Map([
  ['application/json-patch+json', 'json'],
  ['application/merge-patch+json', 'merge'],
  ['application/strategic-merge-patch+json', 'strategic'],
  ['application/apply-patch+yaml', 'apply'],
]);

/** What is patched: an object as one version shows it, or a Scale of it. */
export interface PatchTarget {
  readonly schema: ObjectSchema;
  readonly group: string;
  readonly kind: string;
  readonly apiVersion: string;
  /** For messages about what is not there. */
  readonly resource: { readonly group: string; readonly resource: string };
  readonly name: string;
}

export interface PatchContext {
  readonly target: PatchTarget;
  readonly options: WriteOptions;
  readonly request: ApiRequest;
}

/** Turns what is stored, as its version shows it, into what is wanted. The result shares nothing with the argument. */
export type Patcher = (live: KubeObject | undefined) => KubeObject;

/** The patch is read once, however often it has to be applied. Throws 400 when it is malformed. */
export function jsonPatcher(type: Exclude<PatchType, 'apply'>, text: string, context: PatchContext): Patcher {
  const { target } = context;
  const apply = applier(type, parsePatch(text), target.schema);
  return (live) => {
    if (live === undefined) throw notFound(target.resource, target.name);
    return typed(apply(deepClone(live)), context);
  };
}

function parsePatch(text: string): unknown {
  try {
    return parseJson(text).value;
  } catch (error) {
    if (error instanceof JsonDecodeError) throw badRequest(`error decoding patch: ${error.message}`);
    throw error;
  }
}

function applier(
  type: Exclude<PatchType, 'apply'>,
  patch: unknown,
  schema: ObjectSchema,
): (live: KubeObject) => unknown {
  switch (type) {
    case 'json': {
      const operations = decodeJsonPatch(patch);
      return (live) => applyJsonPatch(live, operations);
    }
    case 'merge': {
      const merge = decodeMergePatch(patch);
      return (live) => applyMergePatch(live, merge);
    }
    case 'strategic': {
      const merge = decodeMergePatch(patch);
      return (live) => applyStrategicMergePatch(schema, live, merge);
    }
  }
}

/** A patch can write anything anywhere: its result is read as a body would be. */
function typed(value: unknown, { target, options, request }: PatchContext): KubeObject {
  try {
    const { object, strictErrors } = decodeJsonValue(target.schema, value);
    const { kind = target.kind, apiVersion = target.apiVersion } = object;
    // What is stored under a resource must be of its kind, or nobody can read the resource any more.
    if (kind !== target.kind || apiVersion !== target.apiVersion)
      throw invalidPatch(
        value,
        target,
        `no conversion from ${apiVersion}, Kind=${kind} to ${target.apiVersion}, Kind=${target.kind}`,
      );
    reportStrictErrors(strictErrors, target, options.fieldValidation, (warning) => request.warnings.add(warning));
    return { ...deepClone(object), kind, apiVersion };
  } catch (error) {
    if (!(error instanceof JsonDecodeError)) throw error;
    throw invalidPatch(value, target, error.message);
  }
}

function invalidPatch(value: unknown, { group, kind, name }: PatchTarget, why: string): StatusError {
  return invalid(group, kind, name, [new FieldError('FieldValueInvalid', 'patch', JSON.stringify(value), why)]);
}
