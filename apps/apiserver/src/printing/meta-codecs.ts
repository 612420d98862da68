import { createCodec, type ObjectCodec } from '@pilothouse/apimachinery';
import { schemaFor } from '@pilothouse/api';

const codecs = new Map<string, ObjectCodec>();

/** The codec of a kind by its names; one of meta/v1 unless told otherwise. */
export function metaCodec(kind: string): ObjectCodec {
  return codecFor('', 'v1', kind);
}

export function codecFor(group: string, version: string, kind: string): ObjectCodec {
  const key = `${group}/${version}/${kind}`;
  let codec = codecs.get(key);
  if (codec === undefined) {
    const schema = schemaFor(group, version, kind);
    if (schema === undefined) throw new Error(`proto/ has no kind ${key}`);
    codec = createCodec(schema);
    codecs.set(key, codec);
  }
  return codec;
}
