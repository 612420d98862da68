import { BackwardWriter } from '@pilothouse/apimachinery';

/**
 * Writes the content of one field: its payload, and the length in front of it where the wire type has one. Answers
 * `false` where proto3 leaves the field out (zero, empty, or nothing this message can hold) and nothing was written.
 */
export type Encoder = (writer: BackwardWriter, value: unknown) => boolean;

const VARINT = 0;
const FIXED64 = 1;
const DELIMITED = 2;
type WireType = typeof VARINT | typeof FIXED64 | typeof DELIMITED;

/** A field of a message: its number, and how its value is written. */
export interface Field {
  readonly number: number;
  readonly wireType: WireType;
  readonly repeated: boolean;
  readonly encode: Encoder;
}

type Node = Readonly<Record<string, unknown>>;

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const encodeString: Encoder = (writer, value) => {
  if (typeof value !== 'string') return false;
  writer.string(value);
  return true;
};

export const string = (number: number): Field => ({
  ...{ number, wireType: DELIMITED, repeated: false },
  encode: (writer, value) => value !== '' && encodeString(writer, value),
});

export const strings = (number: number): Field => ({
  ...{ number, wireType: DELIMITED, repeated: true, encode: encodeString },
});

export const boolean = (number: number): Field => ({
  ...{ number, wireType: VARINT, repeated: false },
  encode(writer, value) {
    if (value !== true) return false;
    writer.varint(1);
    return true;
  },
});

export const integer = (number: number): Field => ({
  ...{ number, wireType: VARINT, repeated: false },
  encode(writer, value) {
    if (typeof value !== 'number' || value === 0) return false;
    writer.integer(value);
    return true;
  },
});

export const double = (number: number): Field => ({
  ...{ number, wireType: FIXED64, repeated: false },
  encode(writer, value) {
    if (typeof value !== 'number' || value === 0) return false;
    writer.double(value);
    return true;
  },
});

export const one = (number: number, encode: Encoder): Field => ({
  ...{ number, wireType: DELIMITED, repeated: false, encode },
});

export const many = (number: number, encode: Encoder): Field => ({
  ...{ number, wireType: DELIMITED, repeated: true, encode },
});

function writeTag(writer: BackwardWriter, { number, wireType }: Field): void {
  writer.varint(number * 8 + wireType);
}

function writeField(writer: BackwardWriter, field: Field, value: unknown): void {
  if (value === undefined) return;
  const values = field.repeated ? (Array.isArray(value) ? value : [value]) : [value];
  for (let at = values.length - 1; at >= 0; at--) if (field.encode(writer, values[at])) writeTag(writer, field);
}

/** Puts the length in front of what `write` writes. */
function delimited(writer: BackwardWriter, write: () => void): true {
  const end = writer.mark;
  write();
  writer.varint(writer.mark - end);
  return true;
}

/** A message of one field, whatever the value is. */
export function wrapped(field: Field): Encoder {
  return (writer, value) => delimited(writer, () => writeField(writer, field, value));
}

/** A JSON value inside a message: gnostic keeps it as YAML, of which JSON is a part. */
export const any: Encoder = wrapped({
  ...string(2),
  encode: (writer, value) => encodeString(writer, JSON.stringify(value)),
});

/** A map's entry, as gnostic writes maps: in the order of the document, each a message of name and value. */
function named(value: Encoder): Encoder {
  const fields = [string(1), one(2, value)];
  return (writer, entry) => {
    const [key, content] = entry as [string, unknown];
    return delimited(writer, () => {
      writeField(writer, fields[1]!, content);
      writeField(writer, fields[0]!, key);
    });
  };
}

/** Where the keys of an object go that are not fields: extensions, paths, response codes. */
export interface EntryGroup {
  readonly number: number;
  readonly accepts: (key: string) => boolean;
  readonly value: Encoder;
}

/** `x-…` keys. */
export const extensions = (number: number): EntryGroup => ({
  ...{ number, accepts: (key: string) => key.startsWith('x-'), value: any },
});

/** Every key of an object. */
export const entries = (number: number, value: Encoder): EntryGroup => ({ number, accepts: () => true, value });

/** A message whose fields have the names of the JSON object's keys. What it has no place for is left out. */
export function message(fields: Readonly<Record<string, Field>>, ...groups: readonly EntryGroup[]): Encoder {
  const parts = [
    ...Object.entries(fields).map(([name, field]) => ({ number: field.number, name, field })),
    ...groups.map((group) => ({ number: group.number, group, field: many(group.number, named(group.value)) })),
  ].sort((a, b) => b.number - a.number);
  return (writer, value) => {
    if (!isNode(value)) return false;
    return delimited(writer, () => {
      for (const part of parts) {
        if ('name' in part) writeField(writer, part.field, value[part.name]);
        else {
          const members = Object.entries(value).filter(
            ([key]) => !Object.hasOwn(fields, key) && part.group.accepts(key),
          );
          writeField(writer, part.field, members);
        }
      }
    });
  };
}

/** One of several messages, by what the value looks like. */
export function oneOf(choose: (value: unknown) => Field | undefined): Encoder {
  return (writer, value) => {
    const field = choose(value);
    return field !== undefined && delimited(writer, () => writeField(writer, field, value));
  };
}

/** A message that is declared later: messages refer to themselves. */
export function lazy(encoder: () => Encoder): Encoder {
  return (writer, value) => encoder()(writer, value);
}

export function isReference(value: unknown): boolean {
  return isNode(value) && typeof value.$ref === 'string';
}

/** A whole document. Encoders put a length in front, which the outermost message does not have. */
export function encodeDocument(encode: Encoder, document: object): Buffer {
  const writer = new BackwardWriter(1 << 20);
  encode(writer, document);
  const bytes = writer.finish();
  const start = bytes.findIndex((byte) => byte < 0x80) + 1;
  return bytes.subarray(start);
}
