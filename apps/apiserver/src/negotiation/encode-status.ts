import { createCodec, type KubeObject, type Status } from '@pilothouse/apimachinery';
import { schemaFor } from '@pilothouse/api';
import type { Encoding } from './media-types.ts';
import { encodeJsonText, encodeYaml } from './text-encodings.ts';

const codec = createCodec(schemaFor('', 'v1', 'Status')!);

/** A Status in the client's encoding: the answer to every failed request and to most deletes. */
export function encodeStatus(status: Status, encoding: Encoding, pretty = false): Buffer {
  if (encoding === 'protobuf') return codec.encodeProtobuf(status as KubeObject);
  return encoding === 'yaml' ? encodeYaml(status) : encodeJsonText(status, pretty);
}
