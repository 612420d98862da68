import { badRequest } from '../errors/status-error.ts';
import type { ObjectSchema } from '../schema/schema.ts';
import { writeEnvelope } from './envelope.ts';
import { setOwn } from '../deep/own-property.ts';
import { type FieldPlan, type MessagePlan, messagePlanOf, tagOf, type ValuePlan, wireTypeOf } from './message-plan.ts';
import { buildMessage } from './normal-form.ts';
import { ProtobufError, ProtobufReader } from './reader.ts';
import { BackwardWriter } from './writer.ts';

type Message = Record<string, unknown>;

/** Protobuf message (without envelope) → normal form (without `kind` and `apiVersion`). Throws StatusError 400. */
export function decodeMessage(schema: ObjectSchema, bytes: Uint8Array): Message {
  try {
    return readMessage(new ProtobufReader(bytes), messagePlanOf(schema));
  } catch (error) {
    // RangeError: nested deeper than the stack; SyntaxError: raw JSON inside that is none.
    if (error instanceof ProtobufError || error instanceof RangeError || error instanceof SyntaxError) {
      throw badRequest(`unable to decode: ${error.message}`);
    }
    throw error;
  }
}

// One writer is enough: encoding never yields.
const shared = new BackwardWriter(64 * 1024);

/** Normal form → Protobuf message. `kind` and `apiVersion` are the envelope's business. */
export function encodeMessage(schema: ObjectSchema, object: object): Buffer {
  shared.reset();
  writeMessage(shared, messagePlanOf(schema), object as Message);
  return shared.finish();
}

/** The same in its envelope. */
export function encodeEnveloped(schema: ObjectSchema, object: object, apiVersion: string, kind: string): Buffer {
  shared.reset();
  writeEnvelope(shared, apiVersion, kind, () => writeMessage(shared, messagePlanOf(schema), object as Message));
  return shared.finish();
}

/** Reads to the reader's end. */
export function readMessage(reader: ProtobufReader, plan: MessagePlan): Message {
  const slots: unknown[] = new Array(plan.properties.length);
  readFields(reader, plan.byNumber, slots);
  return buildMessage(plan, slots);
}

function readFields(reader: ProtobufReader, byNumber: readonly (FieldPlan | undefined)[], slots: unknown[]): void {
  while (!reader.atEnd) {
    const tag = reader.varint();
    const wireType = tag & 7;
    const field = byNumber[(tag - wireType) / 8];
    if (field === undefined) {
      reader.skip(wireType);
    } else if (field.inline) {
      if (wireType !== 2) throw new ProtobufError(`wrong wireType = ${wireType} for field ${field.number}`);
      const outer = reader.enter();
      readFields(reader, indexByNumber(field.inline), slots);
      reader.leave(outer);
    } else {
      if (tag !== field.tag) {
        throw new ProtobufError(`wrong wireType = ${wireType} for field ${field.property.name}`);
      }
      readProperty(reader, field.property.value, slots, field.property.slot);
    }
  }
}

const indexes = new WeakMap<readonly FieldPlan[], (FieldPlan | undefined)[]>();

function indexByNumber(fields: readonly FieldPlan[]): readonly (FieldPlan | undefined)[] {
  let index = indexes.get(fields);
  if (index === undefined) {
    index = [];
    for (const field of fields) index[field.number] = field;
    indexes.set(fields, index);
  }
  return index;
}

function readProperty(reader: ProtobufReader, value: ValuePlan, slots: unknown[], slot: number): void {
  if (value.kind === 'list') {
    const list = (slots[slot] ??= []) as unknown[];
    list.push(readValue(reader, value.item));
  } else if (value.kind === 'map') {
    readEntry(reader, value.value, (slots[slot] ??= {}) as Message);
  } else {
    slots[slot] = readValue(reader, value);
  }
}

function readValue(reader: ProtobufReader, value: ValuePlan): unknown {
  if (value.kind === 'scalar') return value.codec.read(reader);
  if (value.kind !== 'message') throw new ProtobufError('a list or map inside a list or map has no Protobuf form');
  const outer = reader.enter();
  const message = readMessage(reader, value.plan());
  reader.leave(outer);
  return message;
}

/** A map is a list of {1: key, 2: value}. */
function readEntry(reader: ProtobufReader, value: ValuePlan, map: Message): void {
  const outer = reader.enter();
  const valueTag = tagOf(2, wireTypeOf(value));
  let key = '';
  let read: unknown;
  while (!reader.atEnd) {
    const tag = reader.varint();
    if (tag === 0x0a) key = reader.string();
    else if (tag === valueTag) read = readValue(reader, value);
    else reader.skip(tag & 7);
  }
  reader.leave(outer);
  if (read === undefined) {
    read =
      value.kind === 'scalar' ? value.codec.zero : value.kind === 'message' ? buildMessage(value.plan(), []) : null;
  }
  setOwn(map, key, read);
}

/** Writes without length; from the last field to the first, because the writer runs backwards. */
export function writeMessage(writer: BackwardWriter, plan: MessagePlan, object: Message): void {
  writeFields(writer, plan.fields, object);
}

function writeFields(writer: BackwardWriter, fields: readonly FieldPlan[], object: Message): void {
  for (let at = fields.length - 1; at >= 0; at--) {
    const field = fields[at]!;
    if (field.inline) {
      const start = writer.mark;
      writeFields(writer, field.inline, object);
      writer.varint(writer.mark - start);
      writer.varint(field.tag);
    } else {
      const { name, value, property } = field.property;
      const own = object[name];
      if (value.kind === 'list') {
        if (own !== undefined && own !== null) writeList(writer, value.item, own as unknown[], field.tag);
      } else if (value.kind === 'map') {
        if (own !== undefined && own !== null) writeMap(writer, value.value, own as Message, field.tag);
      } else if (own === undefined || own === null) {
        if (property.pointer || property.schema.type === 'bytes') continue;
        writeValue(writer, value, value.kind === 'message' ? EMPTY : undefined);
        writer.varint(field.tag);
      } else {
        writeValue(writer, value, own);
        writer.varint(field.tag);
      }
    }
  }
}

const EMPTY: Message = Object.freeze({});

function writeValue(writer: BackwardWriter, value: ValuePlan, own: unknown): void {
  if (value.kind === 'scalar') return value.codec.write(writer, own);
  if (value.kind !== 'message') throw new TypeError('a list or map inside a list or map has no Protobuf form');
  const start = writer.mark;
  writeFields(writer, value.plan().fields, (own ?? EMPTY) as Message);
  writer.varint(writer.mark - start);
}

function writeList(writer: BackwardWriter, item: ValuePlan, list: readonly unknown[], tag: number): void {
  for (let at = list.length - 1; at >= 0; at--) {
    writeValue(writer, item, list[at]);
    writer.varint(tag);
  }
}

/** Sorted by key, so that equal objects have equal bytes. */
function writeMap(writer: BackwardWriter, value: ValuePlan, map: Message, tag: number): void {
  const keys = Object.keys(map);
  if (keys.length > 1) keys.sort(compareBytes);
  const valueTag = tagOf(2, wireTypeOf(value));
  for (let at = keys.length - 1; at >= 0; at--) {
    const key = keys[at]!;
    const start = writer.mark;
    const own = map[key];
    if (own !== undefined && own !== null) {
      writeValue(writer, value, own);
      writer.varint(valueTag);
    }
    writer.string(key);
    writer.varint(0x0a);
    writer.varint(writer.mark - start);
    writer.varint(tag);
  }
}

/** Go's order of strings, by UTF-8 bytes; the same as by UTF-16 units except for surrogates. */
function compareBytes(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
