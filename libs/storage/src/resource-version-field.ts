import type { KubeObject, ObjectMeta } from '@pilothouse/apimachinery';

// Stored values carry no resourceVersion: it is the mod revision, known only once etcd has taken the value. This file
// puts it in and takes it out.

/** `k8s\0`, which starts every value in Protobuf. */
const ENVELOPE = Buffer.from([0x6b, 0x38, 0x73, 0x00]);
// In runtime.Unknown, raw = 2; in raw, metadata = 1 as in every kind; in ObjectMeta, resourceVersion = 6.
const UNKNOWN_RAW = 2;
const OBJECT_METADATA = 1;
const METADATA_RESOURCE_VERSION = 6;

export function isProtobuf(value: Buffer): boolean {
  return value.length >= 4 && value.compare(ENVELOPE, 0, 4, 0, 4) === 0;
}

/**
 * The same Protobuf with the resourceVersion spliced in: a copy of the bytes with one field and two lengths changed, an
 * order of magnitude cheaper than decoding and encoding. Undefined when the value is not laid out as Kubernetes does it
 * (fields in ascending order, metadata first).
 */
export function spliceResourceVersion(value: Buffer, revision: number): Buffer | undefined {
  const raw = findField(value, ENVELOPE.length, value.length, UNKNOWN_RAW);
  if (!raw?.present) return undefined;
  const metadata = findField(value, raw.bodyStart, raw.end, OBJECT_METADATA);
  if (!metadata?.present) return undefined;
  const old = findField(value, metadata.bodyStart, metadata.end, METADATA_RESOURCE_VERSION);
  if (!old) return undefined;

  const text = String(revision);
  const fieldLength = 2 + text.length;
  const metadataLength = metadata.end - metadata.bodyStart - (old.end - old.start) + fieldLength;
  const metadataHead = fieldHead(OBJECT_METADATA, metadataLength);
  const rawLength = raw.end - raw.bodyStart - (metadata.end - metadata.start) + metadataHead.length + metadataLength;
  const rawHead = fieldHead(UNKNOWN_RAW, rawLength);

  const spliced = Buffer.allocUnsafe(value.length - (raw.end - raw.start) + rawHead.length + rawLength);
  let at = value.copy(spliced, 0, 0, raw.start);
  at += rawHead.copy(spliced, at);
  at += value.copy(spliced, at, raw.bodyStart, metadata.start);
  at += metadataHead.copy(spliced, at);
  at += value.copy(spliced, at, metadata.bodyStart, old.start);
  spliced[at++] = (METADATA_RESOURCE_VERSION << 3) | 2;
  spliced[at++] = text.length;
  at += spliced.write(text, at, 'latin1');
  value.copy(spliced, at, old.end);
  return spliced;
}

/** A copy of the changed path, with resourceVersion where Kubernetes prints it. */
export function withResourceVersion(object: KubeObject, revision: number): KubeObject {
  const resourceVersion = String(revision);
  const old = object.metadata ?? {};
  if (old.resourceVersion !== undefined) return { ...object, metadata: { ...old, resourceVersion } };
  const fields = Object.entries(old);
  // Behind uid in the declared order of built-in kinds; before it in the alphabetical order, where uid is the last.
  const uid = fields.findIndex(([field]) => field === 'uid');
  const position = uid < 0 ? fields.length : uid === fields.length - 1 ? uid : uid + 1;
  fields.splice(position, 0, ['resourceVersion', resourceVersion]);
  return { ...object, metadata: Object.fromEntries(fields) as ObjectMeta };
}

export function withoutResourceVersion(object: KubeObject): KubeObject {
  if (object.metadata?.resourceVersion === undefined) return object;
  const { resourceVersion: _, ...metadata } = object.metadata;
  return { ...object, metadata };
}

interface Field {
  /** False: `start` and `end` are where it belongs. */
  readonly present: boolean;
  readonly start: number;
  readonly bodyStart: number;
  readonly end: number;
}

/** Looks for a length-delimited field in a message whose fields ascend. Undefined for anything unexpected. */
function findField(bytes: Buffer, from: number, to: number, wanted: number): Field | undefined {
  let at = from;
  while (at < to) {
    const start = at;
    const tag = readVarint(bytes, at);
    at += varintLength(tag);
    const number = Math.floor(tag / 8);
    if (number > wanted) return { present: false, start, bodyStart: start, end: start };
    const wireType = tag & 7;
    const length = readVarint(bytes, at);
    at += varintLength(length);
    // A varint field ends here; fixed-size ones stand in none of these messages below the fields looked for.
    if (wireType === 2) at += length;
    else if (wireType !== 0) return undefined;
    if (at > to) return undefined;
    if (number === wanted)
      return wireType === 2 ? { present: true, start, bodyStart: at - length, end: at } : undefined;
  }
  return { present: false, start: to, bodyStart: to, end: to };
}

function readVarint(bytes: Buffer, at: number): number {
  let value = 0;
  for (let scale = 1; at < bytes.length; scale *= 128) {
    const byte = bytes[at++]!;
    value += (byte & 127) * scale;
    if (byte < 128) break;
  }
  return value;
}

function varintLength(value: number): number {
  let length = 1;
  for (; value > 127; value = Math.floor(value / 128)) length++;
  return length;
}

function fieldHead(field: number, length: number): Buffer {
  const head = [(field << 3) | 2];
  for (; length > 127; length = Math.floor(length / 128)) head.push((length % 128) | 128);
  head.push(length);
  return Buffer.from(head);
}
