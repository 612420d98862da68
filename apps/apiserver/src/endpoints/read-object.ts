import type { KubeObject } from '@pilothouse/apimachinery';
import { readBody } from '../http/read-body.ts';
import { bodyEncoding, decodeBody } from '../negotiation/decode-body.ts';
import { applyDefaults } from '../registry/storage-codec.ts';
import type { ApiRequest } from '../request.ts';
import type { Target } from './target.ts';
import type { WriteOptions } from './write-options.ts';

/** The body as an object of the target's version, with defaults. */
export async function readObject(request: ApiRequest, target: Target, options: WriteOptions): Promise<KubeObject> {
  const { served } = target;
  const encodings = served.version.schema.wire ? undefined : (['json', 'yaml'] as const);
  const encoding = bodyEncoding(request.headers['content-type'], encodings);
  const body = await readBody(request);
  const object = decodeBody(
    body,
    encoding,
    { codec: served.codec, kind: served.definition.kind, apiVersion: served.apiVersion },
    options.fieldValidation,
    (text) => request.warnings.add(text),
  );
  applyDefaults(served.version, object);
  return object;
}
