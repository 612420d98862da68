import {
  applyJsonPatch,
  applyMergePatch,
  applyStrategicMergePatch,
  badRequest,
  decodeJsonPatch,
  decodeJsonValue,
  decodeMergePatch,
  deepClone,
  JsonDecodeError,
  notFound,
  parseJson,
  StatusError,
  type KubeObject,
} from '@pilothouse/apimachinery';
import { reportStrictErrors } from '../negotiation/decode-body.ts';
import type { ServedVersion } from '../registry/served-version.ts';
import type { ApiRequest } from '../request.ts';
import type { WriteOptions } from './write-options.ts';

export type PatchType = 'json' | 'merge' | 'strategic' | 'apply';

export const PATCH_MEDIA_TYPES: ReadonlyMap<string, PatchType> = new Map([
  ['application/json-patch+json', 'json'],
  ['application/merge-patch+json', 'merge'],
  ['application/strategic-merge-patch+json', 'strategic'],
  ['application/apply-patch+yaml', 'apply'],
]);

export interface PatchContext {
  readonly served: ServedVersion;
  readonly options: WriteOptions;
  readonly request: ApiRequest;
  readonly name: string;
}

/** Turns what is stored, as its version shows it, into what is wanted. The result shares nothing with the argument. */
export type Patcher = (live: KubeObject | undefined) => KubeObject;

/** The patch is read once, however often it has to be applied. Throws 400 when it is malformed. */
export function jsonPatcher(type: Exclude<PatchType, 'apply'>, text: string, context: PatchContext): Patcher {
  const { served, name } = context;
  const apply = applier(type, parsePatch(text), served);
  return (live) => {
    if (live === undefined) throw notFound(served.definition, name);
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

function applier(type: Exclude<PatchType, 'apply'>, patch: unknown, served: ServedVersion): (live: KubeObject) => unknown {
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
      return (live) => applyStrategicMergePatch(served.version.schema, live, merge);
    }
  }
}

/** A patch can write anything anywhere: its result is read as a body would be. */
function typed(value: unknown, { served, options, request }: PatchContext): KubeObject {
  try {
    const { object, strictErrors } = decodeJsonValue(served.version.schema, value);
    const expected = { kind: served.definition.kind, apiVersion: served.apiVersion };
    reportStrictErrors(strictErrors, expected, options.fieldValidation, (warning) => request.warnings.add(warning));
    return deepClone(object);
  } catch (error) {
    if (!(error instanceof JsonDecodeError)) throw error;
    const { definition } = served;
    throw new StatusError({
      message: `${definition.kind} "${(value as KubeObject)?.metadata?.name ?? ''}" is invalid: patch: Invalid value: ${JSON.stringify(JSON.stringify(value))}: ${error.message}`,
      reason: 'Invalid',
      details: {
        ...(definition.group ? { group: definition.group } : {}),
        kind: definition.kind,
        causes: [{ reason: 'FieldValueInvalid', message: error.message, field: 'patch' }],
      },
      code: 422,
    });
  }
}
