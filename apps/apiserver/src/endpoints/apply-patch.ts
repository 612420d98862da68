import {
  decodeJsonValue,
  deepClone,
  FieldError,
  invalid,
  JsonDecodeError,
  notFound,
  unstructuredTypeError,
  type StatusError,
  type KubeObject,
  type ObjectSchema,
} from '@pilothouse/apimachinery';
import { warnAbout } from '../negotiation/decode-body.ts';
import { typeMismatch } from '../negotiation/type-mismatch.ts';
import type { ApiRequest } from '../request.ts';
import { patchMechanism, type JsonPatchType, type PatchMechanism } from './patch-mechanism.ts';
import type { WriteOptions } from './write-options.ts';

export type PatchType = JsonPatchType | 'apply';

export const PATCH_MEDIA_TYPES: ReadonlyMap<string, PatchType> = new Map([
  ['application/json-patch+json', 'json'],
  ['application/merge-patch+json', 'merge'],
  ['application/strategic-merge-patch+json', 'strategic'],
  ['application/apply-patch+yaml', 'apply'],
]);

/** What is patched: an object as one version shows it, or a Scale of it. */
export interface PatchTarget {
  readonly schema: ObjectSchema;
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

/** The patch is read once, however often it has to be applied, and only when there is something to patch. */
export function jsonPatcher(type: JsonPatchType, text: string, context: PatchContext): Patcher {
  const { target } = context;
  let mechanism: PatchMechanism | undefined;
  return (live) => {
    if (live === undefined) throw notFound(target.resource, target.name);
    mechanism ??= patchMechanism(type, text, target.schema);
    const patched = mechanism.apply(deepClone(live));
    return type === 'strategic' ? converted(patched, mechanism, context) : decoded(patched, mechanism, context);
  };
}

/** A patch can write anything anywhere: its result is read as a body would be. */
function decoded(patched: unknown, mechanism: PatchMechanism, context: PatchContext): KubeObject {
  const { kind, apiVersion, schema } = context.target;
  const { object, strictErrors } = read(schema, patched, mechanism);
  // What is stored under a resource must be of its kind, or nobody can read the resource any more.
  const why = mismatch(object, context.target);
  if (why !== undefined) throw invalidPatch(mechanism.describe(patched), why);
  reportStrictErrors([...mechanism.strictErrors, ...strictErrors], mechanism.describe(patched), context);
  return { ...deepClone(object), kind, apiVersion };
}

/** Upstream converts the result of a strategic merge field by field, and what it says of its kind counts for nothing. */
function converted(patched: unknown, mechanism: PatchMechanism, context: PatchContext): KubeObject {
  const { kind, apiVersion, schema } = context.target;
  const why = unstructuredTypeError(schema, patched);
  if (why !== undefined) throw invalidPatch(mechanism.describe(patched), why);
  const typed = { ...(patched as KubeObject), kind, apiVersion };
  const { object, strictErrors } = read(schema, typed, mechanism);
  reportStrictErrors([...mechanism.strictErrors, ...strictErrors], mechanism.describe(patched), context);
  return deepClone(object);
}

function read(schema: ObjectSchema, value: unknown, mechanism: PatchMechanism) {
  try {
    return decodeJsonValue(schema, value);
  } catch (error) {
    if (error instanceof JsonDecodeError) throw invalidPatch(mechanism.describe(value), error.message);
    throw error;
  }
}

function mismatch(object: KubeObject, { schema, kind, apiVersion }: PatchTarget): string | undefined {
  const given = { kind: object.kind ?? kind, apiVersion: object.apiVersion ?? apiVersion };
  if (given.kind === kind && given.apiVersion === apiVersion) return undefined;
  const why = schema.structural ? undefined : typeMismatch(given, { kind, apiVersion });
  return why ?? `no conversion from ${given.apiVersion}, Kind=${given.kind} to ${apiVersion}, Kind=${kind}`;
}

function reportStrictErrors(errors: readonly string[], shown: string, { options, request }: PatchContext): void {
  if (errors.length === 0 || options.fieldValidation === 'Ignore') return;
  if (options.fieldValidation === 'Strict') throw invalidPatch(shown, `strict decoding error: ${errors.join(', ')}`);
  warnAbout(errors, (warning) => request.warnings.add(warning));
}

/** Upstream names neither the kind nor the object here. */
function invalidPatch(shown: string, why: string): StatusError {
  return invalid('', '', '', [new FieldError('FieldValueInvalid', 'patch', shown, why)]);
}
