import { isJsonObject } from '../deep/own-property.ts';
import type { KubeObject } from '../meta/object.ts';
import { annotationsSizeBytes, TOTAL_ANNOTATION_SIZE_LIMIT_BYTES } from '../names/labels.ts';
import type { Schema } from '../schema/schema.ts';
import { compareObjects } from './compare.ts';
import type { FieldSet } from './field-set.ts';
import { fieldsOf } from './fields-of.ts';
import { validateTyped } from './validate-typed.ts';

/** Where `kubectl apply` keeps what it applied, when it works without the server's help. */
export const LAST_APPLIED_ANNOTATION = 'kubectl.kubernetes.io/last-applied-configuration';

/** The manager whose applies take over from client-side apply. */
export const KUBECTL_MANAGER = 'kubectl';

/**
 * The fields that client-side apply set and that still are as it set them: kubectl may take them over without a
 * conflict. Undefined when there is no such annotation, or one that does not fit.
 */
export function lastAppliedFields(schema: Schema, live: KubeObject, apiVersion: string): FieldSet | undefined {
  const text = live.metadata?.annotations?.[LAST_APPLIED_ANNOTATION];
  if (!text) return undefined;
  let applied: unknown;
  try {
    applied = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isJsonObject(applied) || applied['apiVersion'] !== apiVersion) return undefined;
  if (validateTyped(schema, applied).length > 0) return undefined;
  const { modified, added, removed } = compareObjects(schema, applied, live);
  return fieldsOf(schema, applied).difference(modified).difference(added).difference(removed);
}

/**
 * Keeps the annotation, where there is one, in step with what kubectl applies through the server, so that going back
 * to client-side apply is safe. Left out when it would make the annotations too large.
 */
export function withLastApplied(object: KubeObject, applied: KubeObject): KubeObject {
  const annotations = object.metadata?.annotations;
  if (!annotations?.[LAST_APPLIED_ANNOTATION]) return object;
  const text = `${sortedJson(withoutAnnotation(applied))}\n`;
  const next: Record<string, string> = { ...annotations, [LAST_APPLIED_ANNOTATION]: text };
  if (annotationsSizeBytes(next) > TOTAL_ANNOTATION_SIZE_LIMIT_BYTES) delete next[LAST_APPLIED_ANNOTATION];
  return { ...object, metadata: { ...object.metadata, annotations: next } };
}

function withoutAnnotation(applied: KubeObject): KubeObject {
  const annotations = applied.metadata?.annotations;
  if (annotations?.[LAST_APPLIED_ANNOTATION] === undefined) return applied;
  const { [LAST_APPLIED_ANNOTATION]: _, ...rest } = annotations;
  return { ...applied, metadata: { ...applied.metadata, annotations: rest } };
}

/** JSON with sorted keys, as Go prints a map. */
function sortedJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(sortedJson).join(',')}]`;
  if (!isJsonObject(value)) return JSON.stringify(value);
  const keys = Object.keys(value)
    .filter((key) => value[key] !== undefined)
    .sort();
  return `{${keys.map((key) => `${JSON.stringify(key)}:${sortedJson(value[key])}`).join(',')}}`;
}
