import { badRequest } from '../errors/status-error.ts';
import { ProtobufError, ProtobufReader } from './reader.ts';
import { BackwardWriter } from './writer.ts';

/** What stands before every Protobuf object on the wire and in etcd: `k8s\0`, then a runtime.Unknown. */
export const PROTOBUF_MAGIC = Buffer.from([0x6b, 0x38, 0x73, 0x00]);

export interface Envelope {
  readonly apiVersion: string;
  readonly kind: string;
  /** The message itself; a view into the input. */
  readonly raw: Buffer;
  readonly contentType: string;
}

export function hasEnvelope(bytes: Uint8Array): boolean {
  return bytes.length >= 4 && bytes[0] === 0x6b && bytes[1] === 0x38 && bytes[2] === 0x73 && bytes[3] === 0;
}

/** Throws StatusError 400 on anything that is not a well-formed envelope. */
export function unwrapEnvelope(bytes: Uint8Array): Envelope {
  if (!hasEnvelope(bytes)) {
    throw badRequest('provided data does not appear to be a protobuf message, expected prefix "k8s\\x00"');
  }
  try {
    return readUnknown(new ProtobufReader(bytes.subarray(4)));
  } catch (error) {
    if (error instanceof ProtobufError) throw badRequest(`unable to decode: ${error.message}`);
    throw error;
  }
}

function readUnknown(reader: ProtobufReader): Envelope {
  let [apiVersion, kind, contentType] = ['', '', ''];
  let raw: Buffer = Buffer.alloc(0);
  while (!reader.atEnd) {
    const tag = reader.varint();
    if (tag === 0x0a) {
      const outer = reader.enter();
      while (!reader.atEnd) {
        const inner = reader.varint();
        if (inner === 0x0a) apiVersion = reader.string();
        else if (inner === 0x12) kind = reader.string();
        else reader.skip(inner & 7);
      }
      reader.leave(outer);
    } else if (tag === 0x12) raw = reader.bytes();
    else if (tag === 0x22) contentType = reader.string();
    else reader.skip(tag & 7);
  }
  return { apiVersion, kind, raw, contentType };
}

/** An envelope around what `writeMessage` writes. From the end to the start, as the writer goes. */
export function writeEnvelope(
  writer: BackwardWriter,
  apiVersion: string,
  kind: string,
  writeMessage: () => void,
): void {
  writer.string(''); // contentType
  writer.varint(0x22);
  writer.string(''); // contentEncoding
  writer.varint(0x1a);
  const end = writer.mark;
  writeMessage();
  writer.varint(writer.mark - end);
  writer.varint(0x12);
  const start = writer.mark;
  writer.string(kind);
  writer.varint(0x12);
  writer.string(apiVersion);
  writer.varint(0x0a);
  writer.varint(writer.mark - start);
  writer.varint(0x0a);
  writer.raw(PROTOBUF_MAGIC);
}

export function wrapEnvelope(apiVersion: string, kind: string, message: Uint8Array): Buffer {
  const writer = new BackwardWriter(message.length + apiVersion.length + kind.length + 64);
  writeEnvelope(writer, apiVersion, kind, () => writer.raw(message));
  return writer.take();
}
