import {
  badRequest,
  createCodec,
  hasEnvelope,
  type KubeObject,
  type ObjectCodec,
  parseApiVersion,
  parseJson,
  unwrapEnvelope,
} from '@pilothouse/apimachinery';
import { definitions, schemaFor } from '@pilothouse/api';
import { parse, stringify } from 'yaml';

export const ENCODINGS = ['json', 'yaml', 'protobuf', 'etcd'] as const;
export type Encoding = (typeof ENCODINGS)[number];

/**
 * One object of a built-in kind, from one encoding to another. `etcd` is what stands in etcd: JSON for the few kinds
 * that are stored so, Protobuf for all others. Throws StatusError or JsonDecodeError on what cannot be read.
 */
export function convert(input: Buffer, from: Encoding, to: Encoding): Buffer {
  return encode(decode(input, from), to);
}

function decode(input: Buffer, from: Encoding): KubeObject {
  if (from === 'protobuf' || (from === 'etcd' && hasEnvelope(input))) {
    const { apiVersion, kind } = unwrapEnvelope(input);
    return codecOf(apiVersion, kind).decodeProtobuf(input);
  }
  const text = new TextDecoder('utf-8', { fatal: true }).decode(input);
  const json = from === 'yaml' ? JSON.stringify(parse(text)) : text;
  const { value } = parseJson(json);
  const { apiVersion, kind } = (value ?? {}) as KubeObject;
  return codecOf(apiVersion, kind).decodeJson(json).object;
}

function encode(object: KubeObject, to: Encoding): Buffer {
  const { apiVersion = '', kind = '' } = object;
  switch (to) {
    case 'json':
      return Buffer.from(`${JSON.stringify(object, null, 2)}\n`);
    case 'yaml':
      return Buffer.from(stringify(object, { lineWidth: 0 }));
    case 'protobuf':
      return codecOf(apiVersion, kind).encodeProtobuf(object);
    case 'etcd':
      return isStoredAsJson(apiVersion, kind)
        ? Buffer.from(`${JSON.stringify(object)}\n`)
        : codecOf(apiVersion, kind).encodeProtobuf(object);
  }
}

function codecOf(apiVersion: string | undefined, kind: string | undefined): ObjectCodec {
  if (typeof apiVersion !== 'string' || typeof kind !== 'string' || !apiVersion || !kind) {
    throw badRequest('the object has no apiVersion and kind');
  }
  const { group, version } = parseApiVersion(apiVersion);
  const schema = schemaFor(group, version, kind);
  if (!schema)
    throw badRequest(`no kind ${JSON.stringify(kind)} is built in for version ${JSON.stringify(apiVersion)}`);
  return createCodec(schema);
}

function isStoredAsJson(apiVersion: string, kind: string): boolean {
  const { group } = parseApiVersion(apiVersion);
  return definitions.some((each) => each.group === group && each.kind === kind && each.storageEncoding === 'json');
}
