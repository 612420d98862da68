import type { Type } from '../types/type.ts';

/**
 * A value of an expression. `int` is a bigint, `double` a number, a list an array. JSON becomes this at its edge, by its
 * schema (`schema/`), so numbers are never ambiguous here.
 */
export type Value =
  | null
  | boolean
  | bigint
  | number
  | string
  | Uint8Array
  | Uint
  | Duration
  | Timestamp
  | TypeValue
  | Optional
  | Opaque
  | MapValue
  | readonly Value[];

export class Uint {
  readonly value: bigint;
  constructor(value: bigint) {
    this.value = value;
  }
}

/** Nanoseconds, of either sign. */
export class Duration {
  readonly nanos: bigint;
  constructor(nanos: bigint) {
    this.nanos = nanos;
  }
}

/** Nanoseconds since 1970. */
export class Timestamp {
  readonly nanos: bigint;
  constructor(nanos: bigint) {
    this.nanos = nanos;
  }
}

export class TypeValue {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}

export class Optional {
  static readonly NONE = new Optional(undefined);
  readonly value: Value | undefined;
  constructor(value: Value | undefined) {
    this.value = value;
  }
}

/** A value of a library's own type. */
export abstract class Opaque {
  abstract readonly type: Type & { kind: 'opaque' };
  abstract equals(other: Value): boolean;
}

export type MapKey = string | bigint | boolean | Uint | number;

/** A map, or an object with fields: both are looked into by key. Missing is undefined, which is no value. */
export interface MapValue {
  readonly isMap: true;
  readonly size: number;
  get(key: Value): Value | undefined;
  has(key: Value): boolean;
  keys(): Iterable<Value>;
  /** Of an object, the name of its type. */
  readonly typeName?: string;
}

export function isMapValue(value: Value): value is MapValue {
  return typeof value === 'object' && value !== null && 'isMap' in value;
}

const KEY_KINDS: Readonly<Record<string, string>> = { string: 's', bigint: 'i', boolean: 'b', number: 'i' };

/** Numbers of all types that are equal are the same key. */
export function keyText(key: Value): string {
  if (key instanceof Uint) return `i${key.value}`;
  return `${KEY_KINDS[typeof key] ?? '?'}${String(key)}`;
}

/** The map of a literal or of a transformation. */
export class LiteralMap implements MapValue {
  readonly isMap = true;
  readonly #entries = new Map<string, { readonly key: Value; readonly value: Value }>();

  set(key: Value, value: Value): void {
    this.#entries.set(keyText(key), { key, value });
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: Value): Value | undefined {
    return this.#entries.get(keyText(key))?.value;
  }

  has(key: Value): boolean {
    return this.#entries.has(keyText(key));
  }

  *keys(): Iterable<Value> {
    for (const { key } of this.#entries.values()) yield key;
  }
}

const MIN_INT = -(2n ** 63n);
const MAX_INT = 2n ** 63n - 1n;
const MAX_UINT = 2n ** 64n - 1n;

export const inInt64 = (value: bigint): boolean => value >= MIN_INT && value <= MAX_INT;
export const inUint64 = (value: bigint): boolean => value >= 0n && value <= MAX_UINT;
