import { byKeys, deepEqual, getOwn, isJsonObject, type Schema } from '@pilothouse/apimachinery';

/**
 * A value of an update and what it was before, as far as one can be found for the other. An error that was there before
 * is forgiven where nothing changed: at the value itself, or, where it cannot be correlated, at the nearest that can.
 */
export class Correlation {
  readonly old: unknown;
  readonly #value: unknown;
  #equal: boolean | undefined;

  constructor(value: unknown, old: unknown) {
    this.#value = value;
    this.old = old;
  }

  get isUnchanged(): boolean {
    return (this.#equal ??= deepEqual(this.#value, this.old));
  }

  /** Of a property or an entry; undefined where there was none, or where the object is atomic. */
  child(schema: Schema, key: string, value: unknown): Correlation | undefined {
    const isAtomic =
      schema.type === 'map' ? schema.mapType === 'atomic' : schema.type === 'object' && schema.atomic === true;
    if (isAtomic || !isJsonObject(this.old) || !Object.hasOwn(this.old, key)) return undefined;
    return new Correlation(value, getOwn(this.old, key));
  }

  /** Only items with keys can be told apart. */
  item(schema: Schema, value: unknown): Correlation | undefined {
    if (schema.type !== 'list' || schema.listType !== 'map' || !Array.isArray(this.old)) return undefined;
    const old = byKeys(schema.listMapKeys, this.old)(value, 0);
    return old === undefined ? undefined : new Correlation(value, old);
  }
}
