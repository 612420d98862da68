import type { KubeObject } from '../meta/object.ts';
import type { ObjectSchema } from '../schema/schema.ts';
import { decodeJsonText, type JsonDecodeResult } from './json.ts';
import { decodeMessage, encodeEnveloped } from './protobuf.ts';
import { unwrapEnvelope } from './envelope.ts';

/**
 * The codec of one kind, made from its schema. Objects go in and come out in normal form (see meta/object.ts);
 * `encode*` expects normal form and is lenient: absent means zero.
 */
export interface ObjectCodec {
  readonly schema: ObjectSchema;
  /** JSON text → normal form, with everything strict decoding complains of. Throws StatusError 400 when malformed. */
  decodeJson(text: string): JsonDecodeResult;
  /** Normal form → JSON bytes as Kubernetes prints them (without a trailing newline). */
  encodeJson(object: KubeObject): Buffer;
  /** `k8s\0` + runtime.Unknown → normal form. Throws StatusError 400 when malformed. */
  decodeProtobuf(bytes: Uint8Array): KubeObject;
  encodeProtobuf(object: KubeObject): Buffer;
}

export function createCodec(schema: ObjectSchema): ObjectCodec {
  return {
    schema,
    decodeJson: (text) => decodeJsonText(schema, text),
    encodeJson: (object) => Buffer.from(JSON.stringify(object)),
    decodeProtobuf(bytes) {
      const { apiVersion, kind, raw } = unwrapEnvelope(bytes);
      return { kind, apiVersion, ...decodeMessage(schema, raw) } as KubeObject;
    },
    encodeProtobuf: (object) => encodeEnveloped(schema, object, object.apiVersion ?? '', object.kind ?? ''),
  };
}
