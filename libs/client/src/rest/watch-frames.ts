import { ProtobufReader, type WatchEvent } from '@pilothouse/apimachinery';
import { decodeObject, normalizeJson } from './content.ts';
import { UndecodableObjectError } from './undecodable-object.ts';

/** Cuts a watch stream into events, however the bytes arrive. */
export interface WatchFrames {
  /** The events completed by this chunk. Throws on bytes that are no watch stream. */
  push(chunk: Buffer): WatchEvent[];
}

/** Is told of an event whose object cannot be decoded, which is then left out; or throws, which ends the watch. */
export type OnUndecodable = (error: UndecodableObjectError) => void;

const endWatch: OnUndecodable = (error) => {
  throw error;
};

const NOTHING: Buffer = Buffer.alloc(0);
const NEWLINE = 0x0a;

/** `{"type":…,"object":…}` one after the other, a line each. */
export class JsonWatchFrames implements WatchFrames {
  readonly #onUndecodable: OnUndecodable;
  #rest: Buffer[] = [];

  constructor(onUndecodable: OnUndecodable = endWatch) {
    this.#onUndecodable = onUndecodable;
  }

  push(chunk: Buffer): WatchEvent[] {
    const events: WatchEvent[] = [];
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      const line = this.#complete(chunk.subarray(start, end));
      start = end + 1;
      if (line.length > 0) decodeInto(events, () => parseEvent(line), this.#onUndecodable);
    }
    if (start < chunk.length) this.#rest.push(chunk.subarray(start));
    return events;
  }

  #complete(tail: Buffer): Buffer {
    if (this.#rest.length === 0) return tail;
    const line = Buffer.concat([...this.#rest, tail]);
    this.#rest = [];
    return line;
  }
}

function decodeInto(events: WatchEvent[], decode: () => WatchEvent, onUndecodable: OnUndecodable): void {
  try {
    events.push(decode());
  } catch (error) {
    if (!(error instanceof UndecodableObjectError)) throw error;
    onUndecodable(error);
  }
}

function parseEvent(line: Buffer): WatchEvent {
  const { type, object } = JSON.parse(line.toString('utf8')) as WatchEvent;
  return { type, object: normalizeJson(object) };
}

/** A length of four bytes, then a meta/v1.WatchEvent whose object is an enveloped object of its own. */
export class ProtobufWatchFrames implements WatchFrames {
  readonly #onUndecodable: OnUndecodable;
  #rest: Buffer = NOTHING;

  constructor(onUndecodable: OnUndecodable = endWatch) {
    this.#onUndecodable = onUndecodable;
  }

  push(chunk: Buffer): WatchEvent[] {
    let bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const events: WatchEvent[] = [];
    while (bytes.length >= 4) {
      const end = 4 + bytes.readUInt32BE(0);
      if (bytes.length < end) break;
      const frame = bytes.subarray(4, end);
      decodeInto(events, () => decodeEvent(frame), this.#onUndecodable);
      bytes = bytes.subarray(end);
    }
    this.#rest = bytes.length === 0 ? NOTHING : bytes;
    return events;
  }
}

const TYPE_TAG = 0x0a; // WatchEvent.type
const OBJECT_TAG = 0x12; // WatchEvent.object
const RAW_TAG = 0x0a; // RawExtension.raw

function decodeEvent(frame: Buffer): WatchEvent {
  const reader = new ProtobufReader(frame);
  let type = '';
  let raw = NOTHING;
  while (!reader.atEnd) {
    const tag = reader.varint();
    if (tag === TYPE_TAG) type = reader.string();
    else if (tag === OBJECT_TAG) {
      const outer = reader.enter();
      while (!reader.atEnd) {
        const inner = reader.varint();
        if (inner === RAW_TAG) raw = reader.bytes();
        else reader.skip(inner & 7);
      }
      reader.leave(outer);
    } else reader.skip(tag & 7);
  }
  return { type: type as WatchEvent['type'], object: decodeObject(raw, true) };
}
