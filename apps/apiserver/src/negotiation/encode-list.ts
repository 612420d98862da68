import { encodeMessage, wrapEnvelope, type ListMeta } from '@pilothouse/apimachinery';
import { schemaFor } from '@pilothouse/api';
import type { StoredObject } from '@pilothouse/storage';
import type { ServedVersion } from '../registry/served-version.ts';
import { lengthDelimited } from './protobuf-frames.ts';

const OPEN_OBJECT = Buffer.from('{');
const NEXT_OBJECT = Buffer.from(',{');
const END_OF_LIST = Buffer.from(']}\n');

/** A list's JSON as buffers that follow each other; the items' own are not copied. */
export function encodeListJson(served: ServedVersion, metadata: ListMeta, items: readonly StoredObject[]): Buffer[] {
  const { listKind } = served.definition;
  const head = JSON.stringify({ kind: listKind, apiVersion: served.apiVersion, metadata });
  const buffers: Buffer[] = new Array(items.length * 2 + 2);
  buffers[0] = Buffer.from(`${head.slice(0, -1)},"items":[`);
  let at = 1;
  for (const stored of items) {
    buffers[at] = at === 1 ? OPEN_OBJECT : NEXT_OBJECT;
    buffers[at + 1] = served.itemJson(stored);
    at += 2;
  }
  buffers[at] = END_OF_LIST;
  return buffers;
}

/** Field numbers of every list kind. */
const METADATA_FIELD = 1;
const ITEMS_FIELD = 2;
const listMetaSchema = schemaFor('', 'v1', 'ListMeta')!;

export function encodeListProtobuf(served: ServedVersion, metadata: ListMeta, items: readonly StoredObject[]): Buffer {
  const metaBytes = encodeMessage(listMetaSchema, metadata);
  const parts: Buffer[] = [lengthDelimited(METADATA_FIELD, metaBytes.length), metaBytes];
  for (const stored of items) {
    const item = served.itemProtobuf(stored);
    parts.push(lengthDelimited(ITEMS_FIELD, item.length), item);
  }
  return wrapEnvelope(served.apiVersion, served.definition.listKind, Buffer.concat(parts));
}
