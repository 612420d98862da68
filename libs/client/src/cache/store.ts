import type { KubeObject } from '@pilothouse/apimachinery';
import type { Lister } from '../contract.ts';

/** The values under which an object is found; in how many, and which, is up to the index. */
export type IndexFunction<T> = (object: T) => readonly string[];

interface Index<T> {
  readonly keysOf: IndexFunction<T>;
  readonly entries: Map<string, Map<string, T>>;
}

/** Index values of objects by namespace; there from the start. */
const NAMESPACE = 'namespace';

/** Objects by key, and by any number of indexes. See client-go's ThreadSafeStore; here one thread is all there is. */
export class Store<T extends KubeObject> implements Lister<T> {
  readonly #objects = new Map<string, T>();
  readonly #indexes = new Map<string, Index<T>>();

  constructor() {
    this.addIndex(NAMESPACE, (object) => (object.metadata?.namespace ? [object.metadata.namespace] : []));
  }

  get size(): number {
    return this.#objects.size;
  }

  get(key: string): T | undefined {
    return this.#objects.get(key);
  }

  list(namespace?: string): readonly T[] {
    return namespace ? this.byIndex(NAMESPACE, namespace) : [...this.#objects.values()];
  }

  byIndex(index: string, value: string): readonly T[] {
    const entry = this.#entry(index, value);
    return entry ? [...entry.values()] : [];
  }

  countByIndex(index: string, value: string): number {
    return this.#entry(index, value)?.size ?? 0;
  }

  keys(): IterableIterator<string> {
    return this.#objects.keys();
  }

  addIndex(name: string, keysOf: IndexFunction<T>): void {
    if (this.#indexes.has(name)) throw new Error(`indexer conflict: ${name}`);
    const index: Index<T> = { keysOf, entries: new Map() };
    for (const [key, object] of this.#objects) insert(index, key, object, keysOf(object));
    this.#indexes.set(name, index);
  }

  hasIndex(name: string): boolean {
    return this.#indexes.has(name);
  }

  /** Returns what was there before. */
  set(key: string, object: T): T | undefined {
    const before = this.#objects.get(key);
    this.#objects.set(key, object);
    for (const index of this.#indexes.values()) {
      const values = index.keysOf(object);
      if (before) remove(index, key, index.keysOf(before), values);
      insert(index, key, object, values);
    }
    return before;
  }

  /** Returns what was there. */
  delete(key: string): T | undefined {
    const before = this.#objects.get(key);
    if (!before) return undefined;
    this.#objects.delete(key);
    for (const index of this.#indexes.values()) remove(index, key, index.keysOf(before), []);
    return before;
  }

  #entry(index: string, value: string): Map<string, T> | undefined {
    const known = this.#indexes.get(index);
    if (!known) throw new Error(`index with name ${index} does not exist`);
    return known.entries.get(value);
  }
}

function insert<T>(index: Index<T>, key: string, object: T, values: readonly string[]): void {
  for (const value of values) {
    const entry = index.entries.get(value);
    if (entry) entry.set(key, object);
    else index.entries.set(value, new Map([[key, object]]));
  }
}

/** Values that stay are overwritten by the insert that follows, so an object keeps its place in the entry. */
function remove<T>(index: Index<T>, key: string, values: readonly string[], staying: readonly string[]): void {
  for (const value of values) {
    if (staying.includes(value)) continue;
    const entry = index.entries.get(value);
    entry?.delete(key);
    if (entry?.size === 0) index.entries.delete(value);
  }
}
