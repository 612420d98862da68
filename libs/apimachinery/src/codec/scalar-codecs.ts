import { canonicalQuantity } from '../quantity/quantity.ts';
import type { Schema } from '../schema/schema.ts';
import { JsonTypeError } from './json-type-error.ts';
import { formatGoDuration, parseGoDuration } from './duration.ts';
import type { ProtobufReader } from './reader.ts';
import { normalizeMicroTime, normalizeTime, readTimestamp, writeTimestamp } from './time.ts';
import type { BackwardWriter } from './writer.ts';

/** One value that is neither list, map nor message, in its three shapes: normal form, JSON, Protobuf. */
export interface ScalarCodec {
  readonly wireType: 0 | 1 | 2;
  /** What Kubernetes prints for the zero value; undefined when it prints nothing without `always`. */
  readonly zero: unknown;
  /** The zero value is printed even with `omitempty` (Go structs are never empty). */
  readonly zeroIsPrinted: boolean;
  isZero(value: unknown): boolean;
  /** JSON value → normal form; throws JsonTypeError. Never sees null. */
  normalize(value: unknown): unknown;
  read(reader: ProtobufReader): unknown;
  /** Writes the value with its length, if it has one, but without the tag. */
  write(writer: BackwardWriter, value: unknown): void;
}

const STRING: ScalarCodec = {
  wireType: 2,
  zero: '',
  zeroIsPrinted: false,
  isZero: (value) => value === '',
  normalize(value) {
    if (typeof value !== 'string') throw new JsonTypeError('string');
    return value;
  },
  read: (reader) => reader.string(),
  write: (writer, value) => writer.string((value as string | undefined) ?? ''),
};

const BOOLEAN: ScalarCodec = {
  wireType: 0,
  zero: false,
  zeroIsPrinted: false,
  isZero: (value) => value === false,
  normalize(value) {
    if (typeof value !== 'boolean') throw new JsonTypeError('bool');
    return value;
  },
  read: (reader) => reader.varint() !== 0,
  write: (writer, value) => writer.varint(value ? 1 : 0),
};

function integer(goType: string, min: number, max: number): ScalarCodec {
  return {
    wireType: 0,
    zero: 0,
    zeroIsPrinted: false,
    isZero: (value) => value === 0,
    normalize(value) {
      if (typeof value !== 'number') throw new JsonTypeError(goType);
      if (!Number.isInteger(value) || value < min || value > max) throw new JsonTypeError(goType, `number ${value}`);
      return value;
    },
    read: (reader) => reader.integer(),
    write: (writer, value) => writer.integer((value as number | undefined) ?? 0),
  };
}

const INT32 = integer('int32', -(2 ** 31), 2 ** 31 - 1);
const INT64 = integer('int64', -(2 ** 63), 2 ** 63);
const UINT32 = integer('uint32', 0, 2 ** 32 - 1);

const DOUBLE: ScalarCodec = {
  wireType: 1,
  zero: 0,
  zeroIsPrinted: false,
  isZero: (value) => value === 0,
  normalize(value) {
    if (typeof value !== 'number') throw new JsonTypeError('float64');
    return value;
  },
  read: (reader) => reader.double(),
  write: (writer, value) => writer.double((value as number | undefined) ?? 0),
};

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

const BYTES: ScalarCodec = {
  wireType: 2,
  zero: null,
  zeroIsPrinted: false,
  isZero: (value) => value === null || value === '',
  normalize(value) {
    if (typeof value !== 'string') throw new JsonTypeError('[]uint8');
    // Go's decoder skips line breaks inside base64.
    const text = value.includes('\n') || value.includes('\r') ? value.replaceAll(/[\r\n]/g, '') : value;
    if (!BASE64.test(text)) throw new JsonTypeError('[]uint8', illegalBase64(text));
    return text;
  },
  read: (reader) => reader.bytes().toString('base64'),
  write: (writer, value) => writer.bytes(Buffer.from(value as string, 'base64')),
};

function illegalBase64(text: string): string {
  const bad = /[^A-Za-z0-9+/]/.exec(text);
  return `illegal base64 data at input byte ${bad && text[bad.index] !== '=' ? bad.index : Math.max(0, text.length - (text.length % 4 || 4))}`;
}

function timeCodec(normalize: (text: string) => string, fractionDigits: 0 | 6): ScalarCodec {
  return {
    wireType: 2,
    zero: null,
    zeroIsPrinted: true,
    isZero: (value) => value === null,
    normalize(value) {
      if (typeof value !== 'string') throw new JsonTypeError('string');
      return normalize(value);
    },
    read: (reader) => readTimestamp(reader, fractionDigits),
    write: (writer, value) => writeTimestamp(writer, value as string | null | undefined),
  };
}

const QUANTITY: ScalarCodec = {
  wireType: 2,
  zero: '0',
  zeroIsPrinted: true,
  isZero: () => false,
  normalize(value) {
    if (typeof value !== 'string' && typeof value !== 'number') throw new JsonTypeError('resource.Quantity');
    try {
      return canonicalQuantity(String(value));
    } catch {
      throw new JsonTypeError(
        'resource.Quantity',
        "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
      );
    }
  },
  read(reader) {
    const outer = reader.enter();
    let text = '';
    while (!reader.atEnd) {
      const tag = reader.varint();
      if (tag === 0x0a) text = reader.string();
      else reader.skip(tag & 7);
    }
    reader.leave(outer);
    return text || '0';
  },
  write(writer, value) {
    const start = writer.mark;
    writer.string((value as string | undefined) ?? '0');
    writer.varint(0x0a);
    writer.varint(writer.mark - start);
  },
};

const INT_OR_STRING: ScalarCodec = {
  wireType: 2,
  zero: 0,
  zeroIsPrinted: true,
  isZero: () => false,
  normalize(value) {
    if (typeof value === 'string') return value;
    if (typeof value !== 'number') throw new JsonTypeError('int32');
    if (!Number.isInteger(value)) throw new JsonTypeError('int32', `number ${value}`);
    return value;
  },
  read(reader) {
    const outer = reader.enter();
    let [type, number, text] = [0, 0, ''];
    while (!reader.atEnd) {
      const tag = reader.varint();
      if (tag === 0x08) type = reader.integer();
      else if (tag === 0x10) number = reader.integer();
      else if (tag === 0x1a) text = reader.string();
      else reader.skip(tag & 7);
    }
    reader.leave(outer);
    return type === 1 ? text : number;
  },
  write(writer, value) {
    const start = writer.mark;
    const isText = typeof value === 'string';
    writer.string(isText ? value : '');
    writer.varint(0x1a);
    writer.integer(isText ? 0 : ((value as number | undefined) ?? 0));
    writer.varint(0x10);
    writer.varint(isText ? 1 : 0);
    writer.varint(0x08);
    writer.varint(writer.mark - start);
  },
};

/** A message {1: bytes} whose bytes are JSON text: RawExtension, JSON, FieldsV1. */
function rawJson(goType: string, accepts: (value: unknown) => boolean): ScalarCodec {
  return {
    wireType: 2,
    zero: null,
    zeroIsPrinted: true,
    isZero: (value) => value === null,
    normalize(value) {
      if (!accepts(value)) throw new JsonTypeError(goType);
      return value;
    },
    read(reader) {
      const outer = reader.enter();
      let value: unknown = null;
      while (!reader.atEnd) {
        const tag = reader.varint();
        if (tag === 0x0a) value = parseRaw(reader.bytes());
        else reader.skip(tag & 7);
      }
      reader.leave(outer);
      return value;
    },
    write(writer, value) {
      const start = writer.mark;
      if (value !== undefined && value !== null) {
        writer.string(JSON.stringify(value));
        writer.varint(0x0a);
      }
      writer.varint(writer.mark - start);
    },
  };
}

function parseRaw(bytes: Buffer): unknown {
  return bytes.length === 0 ? null : JSON.parse(bytes.toString('utf8'));
}

/** `Verbs` and `ExtraValue`: a list in JSON, a message {1: repeated string} in Protobuf. */
const STRING_LIST: ScalarCodec = {
  wireType: 2,
  zero: null,
  zeroIsPrinted: false,
  isZero: (value) => value === null || (value as unknown[]).length === 0,
  normalize(value) {
    if (!Array.isArray(value) || value.some((each) => typeof each !== 'string')) throw new JsonTypeError('[]string');
    return value;
  },
  read(reader) {
    const outer = reader.enter();
    const items: string[] = [];
    while (!reader.atEnd) {
      const tag = reader.varint();
      if (tag === 0x0a) items.push(reader.string());
      else reader.skip(tag & 7);
    }
    reader.leave(outer);
    return items;
  },
  write(writer, value) {
    const start = writer.mark;
    const items = (value as string[] | null | undefined) ?? [];
    for (let at = items.length - 1; at >= 0; at--) {
      writer.string(items[at]!);
      writer.varint(0x0a);
    }
    writer.varint(writer.mark - start);
  },
};

const DURATION: ScalarCodec = {
  wireType: 2,
  zero: '0s',
  zeroIsPrinted: true,
  isZero: () => false,
  normalize(value) {
    const nanoseconds = typeof value === 'string' ? parseGoDuration(value) : undefined;
    if (nanoseconds === undefined) throw new JsonTypeError('v1.Duration');
    return formatGoDuration(nanoseconds);
  },
  read(reader) {
    const outer = reader.enter();
    let nanoseconds = 0;
    while (!reader.atEnd) {
      const tag = reader.varint();
      if (tag === 0x08) nanoseconds = reader.integer();
      else reader.skip(tag & 7);
    }
    reader.leave(outer);
    return formatGoDuration(nanoseconds);
  },
  write(writer, value) {
    const start = writer.mark;
    writer.integer(typeof value === 'string' ? (parseGoDuration(value) ?? 0) : 0);
    writer.varint(0x08);
    writer.varint(writer.mark - start);
  },
};

const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null && !Array.isArray(value);

const BY_TYPE: Partial<Record<Schema['type'], ScalarCodec>> = {
  string: STRING,
  boolean: BOOLEAN,
  number: DOUBLE,
  bytes: BYTES,
  time: timeCodec(normalizeTime, 0),
  microTime: timeCodec(normalizeMicroTime, 6),
  quantity: QUANTITY,
  intOrString: INT_OR_STRING,
  duration: DURATION,
  stringList: STRING_LIST,
  rawExtension: rawJson('runtime.RawExtension', () => true),
  json: rawJson('JSON', () => true),
  fieldsV1: rawJson('v1.FieldsV1', isObject),
};

/** Undefined for objects, lists, maps and unions, which codec/protobuf.ts and codec/json.ts walk themselves. */
export function scalarCodecOf(schema: Schema): ScalarCodec | undefined {
  if (schema.type === 'integer') {
    return schema.format === 'int32' ? INT32 : schema.format === 'uint32' ? UINT32 : INT64;
  }
  return BY_TYPE[schema.type];
}
