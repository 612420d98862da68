import type { ProtobufReader } from './protobuf-reader.ts';
import { ProtobufWriter } from './protobuf-writer.ts';
import type { KeyValue } from '../key-value.ts';
import type { DeleteRequest, PutRequest, RangeRequest, RangeResult, TxnResult } from '../kv-requests.ts';

// Field numbers from etcd's rpc.proto and kv.proto (etcdserverpb and mvccpb), API version 3.
const COMPARE_EQUAL = 0;
const COMPARE_TARGET_MOD = 2;
const SORT_ORDER = { none: 0, ascend: 1, descend: 2 } as const;
const SORT_TARGET = { key: 0, version: 1, create: 2, mod: 3, value: 4 } as const;

export function encodeRange(request: RangeRequest): Buffer {
  const writer = new ProtobufWriter(64 + request.key.length * 2).text(1, request.key);
  if (request.rangeEnd !== undefined) writer.text(2, request.rangeEnd);
  if (request.limit) writer.integer(3, request.limit);
  if (request.revision) writer.integer(4, request.revision);
  if (request.sort) {
    writer.integer(5, SORT_ORDER[request.sort.order]).integer(6, SORT_TARGET[request.sort.target]);
  }
  return writer
    .boolean(7, request.serializable ?? false)
    .boolean(8, request.keysOnly ?? false)
    .boolean(9, request.countOnly ?? false)
    .finish();
}

export function decodeRange(reader: ProtobufReader): RangeResult {
  const kvs: KeyValue[] = [];
  let revision = 0;
  let more = false;
  let count = 0;
  while (reader.next()) {
    if (reader.field === 1) revision = decodeHeaderRevision(reader.message());
    else if (reader.field === 2) kvs.push(decodeKeyValue(reader.message()));
    else if (reader.field === 3) more = reader.boolean();
    else if (reader.field === 4) count = reader.integer();
    else reader.skip();
  }
  return { kvs, more, count, revision };
}

/** "If the key's mod revision is the expected one then put, else get": one round trip either way. */
export function encodePut(request: PutRequest): Buffer {
  const key = Buffer.from(request.key);
  const put = new ProtobufWriter(key.length + request.value.length + 32).bytes(1, key).bytes(2, request.value);
  if (request.lease) put.bigint(3, request.lease);
  const success = new ProtobufWriter(request.value.length + key.length + 48).message(2, put);
  return encodeTxn(key, request.expectedModRevision, success);
}

export function encodeDelete(request: DeleteRequest): Buffer {
  const key = Buffer.from(request.key);
  const success = new ProtobufWriter(key.length + 24).message(3, new ProtobufWriter(key.length + 16).bytes(1, key));
  return encodeTxn(key, request.expectedModRevision, success);
}

function encodeTxn(key: Buffer, expectedModRevision: number, success: ProtobufWriter): Buffer {
  const compare = new ProtobufWriter(key.length + 48)
    .integer(1, COMPARE_EQUAL)
    .integer(2, COMPARE_TARGET_MOD)
    .bytes(3, key)
    .integer(6, expectedModRevision);
  const failure = new ProtobufWriter(key.length + 32).message(1, new ProtobufWriter(key.length + 16).bytes(1, key));
  const successBytes = success.finish();
  return new ProtobufWriter(successBytes.length + key.length * 2 + 128)
    .message(1, compare)
    .bytes(2, successBytes)
    .message(3, failure)
    .finish();
}

export function decodeTxn(reader: ProtobufReader): TxnResult {
  let revision = 0;
  let succeeded = false;
  let current: KeyValue | undefined;
  while (reader.next()) {
    if (reader.field === 1) revision = decodeHeaderRevision(reader.message());
    else if (reader.field === 2) succeeded = reader.boolean();
    else if (reader.field === 3) {
      const operation = reader.message();
      while (operation.next()) {
        // Only the range of the failure branch brings anything of interest.
        if (operation.field === 1) current = decodeRange(operation.message()).kvs[0];
        else operation.skip();
      }
    } else reader.skip();
  }
  return { succeeded, revision, current };
}

export function decodeHeaderRevision(reader: ProtobufReader): number {
  let revision = 0;
  while (reader.next()) {
    if (reader.field === 3) revision = reader.integer();
    else reader.skip();
  }
  return revision;
}

export function decodeKeyValue(reader: ProtobufReader): KeyValue {
  let key = '';
  let value: Buffer = EMPTY;
  let createRevision = 0;
  let modRevision = 0;
  while (reader.next()) {
    switch (reader.field) {
      case 1:
        key = reader.text();
        break;
      case 2:
        createRevision = reader.integer();
        break;
      case 3:
        modRevision = reader.integer();
        break;
      case 5:
        value = reader.bytes();
        break;
      default:
        reader.skip();
    }
  }
  return { key, value, createRevision, modRevision };
}

const EMPTY = Buffer.alloc(0);
