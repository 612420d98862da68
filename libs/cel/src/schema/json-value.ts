import { AssociativeList } from '../runtime/associative-list.ts';
import type { MapValue, Value } from '../runtime/value.ts';
import { Timestamp, Duration } from '../runtime/value.ts';
import { durationNanos, timestampNanos } from '../library/time-text.ts';
import { EvaluationError } from '../runtime/evaluation-error.ts';
import { DYN, type ObjectType, type Type } from '../types/type.ts';

type JsonObject = Readonly<Record<string, unknown>>;

/**
 * JSON as a value of a type. Objects are looked into only where an expression does. Integers of JSON are ints where the
 * type is dynamic.
 */
export function jsonValue(json: unknown, type: Type = DYN): Value {
  switch (typeof json) {
    case 'string':
      return textValue(json, type);
    case 'number':
      return type.kind === 'double' || !Number.isInteger(json) ? json : BigInt(json);
    case 'boolean':
      return json;
    case 'object':
      if (json === null) return null;
      if (Array.isArray(json)) return listValue(json, type);
      return objectValue(json as JsonObject, type);
    default:
      return null;
  }
}

function textValue(text: string, type: Type): Value {
  switch (type.kind) {
    case 'bytes':
      return new Uint8Array(Buffer.from(text, 'base64'));
    case 'duration': {
      const nanos = durationNanos(text);
      if (nanos === undefined) throw new EvaluationError(`time: invalid duration ${JSON.stringify(text)}`);
      return new Duration(nanos);
    }
    case 'timestamp': {
      const nanos = timestampNanos(text.includes('T') || text.includes('t') ? text : `${text}T00:00:00Z`);
      if (nanos === undefined) throw new EvaluationError(`cannot parse ${JSON.stringify(text)} as a time`);
      return new Timestamp(nanos);
    }
    default:
      return text;
  }
}

function listValue(items: readonly unknown[], type: Type): Value {
  const element = type.kind === 'list' ? type.element : DYN;
  const values = items.map((item) => jsonValue(item, element));
  const identity = type.kind === 'list' ? listIdentities.get(type) : undefined;
  return identity ? AssociativeList.ofItems(values, identity) : values;
}

function objectValue(json: JsonObject, type: Type): Value {
  if (type.kind === 'object') return new ObjectValue(json, type);
  return new JsonMap(json, type.kind === 'map' ? type.value : DYN);
}

const listIdentities = new WeakMap<Type, (item: Value) => string>();

/** Marks a list type whose items have an identity: a set, or a list with keys. */
export function withIdentity(type: Type, keys: readonly string[] | undefined): Type {
  listIdentities.set(type, (item) =>
    JSON.stringify(keys === undefined ? plain(item) : keys.map((key) => plain((item as MapValue).get?.(key) ?? null))),
  );
  return type;
}

function plain(value: Value): unknown {
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return (value as readonly Value[]).map(plain);
  return 'isMap' in value ? [...value.keys()].map((key) => [plain(key), plain(value.get(key) ?? null)]) : String(value);
}

/** An object whose keys are free. */
export class JsonMap implements MapValue {
  readonly isMap = true;
  readonly #json: JsonObject;
  readonly #type: Type;

  constructor(json: JsonObject, type: Type) {
    this.#json = json;
    this.#type = type;
  }

  get size(): number {
    return Object.keys(this.#json).length;
  }

  get(key: Value): Value | undefined {
    return this.has(key) ? jsonValue(this.#json[key as string], this.#type) : undefined;
  }

  has(key: Value): boolean {
    return typeof key === 'string' && Object.hasOwn(this.#json, key);
  }

  keys(): Iterable<Value> {
    return Object.keys(this.#json);
  }
}

/** An object with a schema: fields are asked by the names that expressions give them, others do not exist. */
export class ObjectValue implements MapValue {
  readonly isMap = true;
  readonly #json: JsonObject;
  readonly #type: ObjectType;

  constructor(json: JsonObject, type: ObjectType) {
    this.#json = json;
    this.#type = type;
  }

  get typeName(): string {
    return this.#type.name;
  }

  get size(): number {
    return [...this.keys()].length;
  }

  get(key: Value): Value | undefined {
    const field = this.#type.fields.get(key as string);
    if (field === undefined || !Object.hasOwn(this.#json, field.jsonName)) return undefined;
    return jsonValue(this.#json[field.jsonName], field.type);
  }

  has(key: Value): boolean {
    const field = this.#type.fields.get(key as string);
    return field !== undefined && Object.hasOwn(this.#json, field.jsonName);
  }

  *keys(): Iterable<Value> {
    for (const [name, { jsonName }] of this.#type.fields) if (Object.hasOwn(this.#json, jsonName)) yield name;
  }
}
