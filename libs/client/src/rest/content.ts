import {
  createCodec,
  decodeJsonValue,
  decodeMessage,
  parseApiVersion,
  unwrapEnvelope,
  type KubeObject,
  type ObjectCodec,
} from '@pilothouse/apimachinery';
import { schemaFor } from '@pilothouse/api';
import { UndecodableObjectError } from './undecodable-object.ts';

/** How built-in kinds are written and preferably read. */
export type ContentFormat = 'protobuf' | 'json';

export const PROTOBUF = 'application/vnd.kubernetes.protobuf';
export const JSON_TYPE = 'application/json';

/** Codecs of built-in kinds by `apiVersion kind`; undefined for custom resources, which are JSON only. */
const codecs = new Map<string, ObjectCodec | undefined>();

/** The codec of a built-in kind. Undefined for anything else, whose objects stay as JSON.parse makes them. */
export function codecFor(apiVersion: string, kind: string): ObjectCodec | undefined {
  const key = `${apiVersion} ${kind}`;
  if (!codecs.has(key)) {
    const { group, version } = parseApiVersion(apiVersion);
    const schema = schemaFor(group, version, kind);
    // Every API package re-exports the types of meta/v1; a custom kind that shares a name with one is not that type.
    const borrowed = schema?.name?.startsWith('k8s.io.apimachinery.') && group !== '' && group !== 'meta.k8s.io';
    codecs.set(key, schema?.hasTypeMeta && !borrowed ? createCodec(schema) : undefined);
  }
  return codecs.get(key);
}

export interface EncodedBody {
  readonly contentType: string;
  readonly body: Buffer;
}

export function encodeObject(object: KubeObject, format: ContentFormat): EncodedBody {
  const codec = format === 'protobuf' ? codecFor(object.apiVersion ?? '', object.kind ?? '') : undefined;
  return codec
    ? { contentType: PROTOBUF, body: codec.encodeProtobuf(object) }
    : { contentType: JSON_TYPE, body: Buffer.from(JSON.stringify(object)) };
}

/**
 * What a response or the object of a watch event holds, in normal form. The bytes say themselves what kind it is.
 * Throws an UndecodableObjectError.
 */
export function decodeObject(bytes: Buffer, isProtobuf: boolean): KubeObject {
  try {
    return isProtobuf ? decodeProtobuf(bytes) : normalizeJson(JSON.parse(bytes.toString('utf8')) as KubeObject);
  } catch (error) {
    throw error instanceof UndecodableObjectError ? error : new UndecodableObjectError(error);
  }
}

function decodeProtobuf(bytes: Buffer): KubeObject {
  const { apiVersion, kind, raw } = unwrapEnvelope(bytes);
  const codec = codecFor(apiVersion, kind);
  if (!codec) throw new Error(`no schema for ${apiVersion} ${kind}`);
  return { kind, apiVersion, ...decodeMessage(codec.schema, raw) };
}

/** Parsed JSON in normal form, when the kind is built in. Throws an UndecodableObjectError. */
export function normalizeJson(object: KubeObject): KubeObject {
  const codec = codecFor(object.apiVersion ?? '', object.kind ?? '');
  if (!codec) return object;
  try {
    return decodeJsonValue(codec.schema, object).object;
  } catch (error) {
    throw new UndecodableObjectError(error);
  }
}

/** The media type of a `content-type` header, without its parameters. */
export function mediaType(contentType: string | string[] | undefined): string {
  const text = Array.isArray(contentType) ? contentType[0] : contentType;
  return text?.split(';', 1)[0]!.trim().toLowerCase() ?? '';
}
