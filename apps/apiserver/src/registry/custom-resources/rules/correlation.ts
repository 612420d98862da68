import { byKeys, deepEqual, getOwn, isJsonObject, type ListSchema, type Schema } from '@pilothouse/apimachinery';

/** What `oldSelf` is in the rules of a property or an entry; undefined where there was none, or the object is atomic. */
export function oldChild(schema: Schema, old: unknown, key: string): unknown {
  const isAtomic =
    schema.type === 'map' ? schema.mapType === 'atomic' : schema.type === 'object' && schema.atomic === true;
  return isAtomic || !isJsonObject(old) ? undefined : getOwn(old, key);
}

/** What `oldSelf` is in the rules of an item: only items with keys can be told apart. */
export function oldItem(schema: Schema, old: unknown, item: unknown): unknown {
  return isKeyed(schema) && Array.isArray(old) ? byKeys(schema.listMapKeys, old)(item, 0) : undefined;
}

const isKeyed = (schema: Schema): schema is ListSchema => schema.type === 'list' && schema.listType === 'map';

/**
 * A value of an update and what it was before. An error that was there before is forgiven where nothing changed: at the
 * value itself, or, where no old value can be found for it, at the nearest part around it that has one. More old values
 * can be found for this than for `oldSelf`. Upstream: apiserver/pkg/cel/common, CorrelatedObject.
 */
export class Ratchet {
  readonly #current: Pair | undefined;
  readonly #nearest: Pair | undefined;

  private constructor(current: Pair | undefined, nearest: Pair | undefined) {
    this.#current = current;
    this.#nearest = nearest;
  }

  /** Of a whole object, or where nothing is forgiven. */
  static of(value: unknown, old: unknown): Ratchet {
    return old === undefined ? new Ratchet(undefined, undefined) : new Ratchet(new Pair(value, old), undefined);
  }

  get isUnchanged(): boolean {
    return (this.#current ?? this.#nearest)?.isUnchanged === true;
  }

  child(key: string): Ratchet {
    const current = this.#current;
    if (current === undefined) return this;
    // These say the version of the request, in the old object too.
    if (this.#nearest === undefined && (key === 'apiVersion' || key === 'kind'))
      return new Ratchet(undefined, undefined);
    return new Ratchet(current.child(key), current);
  }

  item(schema: Schema, at: number): Ratchet {
    const current = this.#current;
    return current === undefined ? this : new Ratchet(current.item(schema, at), current);
  }
}

class Pair {
  readonly #value: unknown;
  readonly #old: unknown;
  #equal: boolean | undefined;

  constructor(value: unknown, old: unknown) {
    this.#value = value;
    this.#old = old;
  }

  get isUnchanged(): boolean {
    return (this.#equal ??= deepEqual(this.#value, this.#old));
  }

  child(key: string): Pair | undefined {
    const [value, old] = [this.#value, this.#old];
    if (!isJsonObject(value) || !isJsonObject(old) || !Object.hasOwn(old, key)) return undefined;
    return new Pair(getOwn(value, key), getOwn(old, key));
  }

  /** By keys, or by position where the schema does not say what kind of list it is. */
  item(schema: Schema, at: number): Pair | undefined {
    if (schema.type !== 'list' || !Array.isArray(this.#value) || !Array.isArray(this.#old)) return undefined;
    const value: unknown = this.#value[at];
    const old = this.#oldItem(schema, this.#old, value, at);
    return old === undefined || old === null ? undefined : new Pair(value, old);
  }

  #oldItem(list: ListSchema, old: readonly unknown[], value: unknown, at: number): unknown {
    if (list.listType === 'map') return byKeys(list.listMapKeys, old)(value, at);
    return list.impliedType ? old[at] : undefined;
  }
}
