import { decodeHeaderRevision, decodeKeyValue } from './kv-messages.ts';
import { ProtobufReader } from './protobuf-reader.ts';
import { ProtobufWriter } from './protobuf-writer.ts';
import type { KeyValue } from '../key-value.ts';
import type { WatchEvent } from '../watch-event.ts';

export interface WatchCreate {
  readonly key: string;
  readonly rangeEnd?: string;
  readonly startRevision: number;
  readonly prevKv?: boolean;
}

export interface WatchResponse {
  readonly revision: number;
  /** Only in the response that confirms the watch. */
  readonly clusterId: string;
  readonly created: boolean;
  readonly canceled: boolean;
  readonly cancelReason: string;
  readonly compactRevision: number;
  /** More of the same revision follows in the next response. */
  readonly fragment: boolean;
  readonly events: WatchEvent[];
}

export function encodeWatchCreate(request: WatchCreate): Buffer {
  const create = new ProtobufWriter(128).text(1, request.key);
  if (request.rangeEnd !== undefined) create.text(2, request.rangeEnd);
  create.integer(3, request.startRevision).boolean(4, true);
  create.boolean(6, request.prevKv ?? false).boolean(8, true);
  return new ProtobufWriter(192).message(1, create).finish();
}

export function decodeWatchResponse(reader: ProtobufReader): WatchResponse {
  const events: WatchEvent[] = [];
  let header = EMPTY;
  let created = false;
  let canceled = false;
  let cancelReason = '';
  let compactRevision = 0;
  let fragment = false;
  while (reader.next()) {
    if (reader.field === 11) events.push(decodeEvent(reader.message()));
    else if (reader.field === 1) header = reader.bytes();
    else if (reader.field === 3) created = reader.boolean();
    else if (reader.field === 4) canceled = reader.boolean();
    else if (reader.field === 5) compactRevision = reader.integer();
    else if (reader.field === 6) cancelReason = reader.text();
    else if (reader.field === 7) fragment = reader.boolean();
    else reader.skip();
  }
  const revision = decodeHeaderRevision(new ProtobufReader(header));
  const clusterId = created ? decodeClusterId(new ProtobufReader(header)) : '';
  return { revision, clusterId, created, canceled, cancelReason, compactRevision, fragment, events };
}

const EMPTY: Buffer = Buffer.alloc(0);

function decodeClusterId(header: ProtobufReader): string {
  while (header.next()) {
    if (header.field === 1) return BigInt.asUintN(64, header.bigint()).toString(16);
    header.skip();
  }
  return '';
}

function decodeEvent(reader: ProtobufReader): WatchEvent {
  let type: WatchEvent['type'] = 'put';
  let kv: KeyValue | undefined;
  let previous: KeyValue | undefined;
  while (reader.next()) {
    if (reader.field === 1) type = reader.integer() === 1 ? 'delete' : 'put';
    else if (reader.field === 2) kv = decodeKeyValue(reader.message());
    else if (reader.field === 3) previous = decodeKeyValue(reader.message());
    else reader.skip();
  }
  if (!kv) throw new RangeError('etcd sent a watch event without a key');
  return { type, kv, previous };
}
