import type { ObjectName } from './storage.ts';

interface Named {
  readonly key: ObjectName;
}

/**
 * Objects in the order of their etcd keys, so that a list from memory pages exactly like one from etcd. One sorted array
 * per namespace: an insertion moves the pointers behind it, which stays in the microseconds up to many thousands.
 */
export class KeyIndex<T extends Named> {
  readonly #objects = new Map<string, T>();
  /** Sorted, and by name. */
  readonly #namespaces: Namespace<T>[] = [];
  readonly #byName = new Map<string, Namespace<T>>();

  get size(): number {
    return this.#objects.size;
  }

  get({ namespace, name }: ObjectName): T | undefined {
    return this.#objects.get(`${namespace}/${name}`);
  }

  /** Returns what was there before. */
  set(object: T): T | undefined {
    const { namespace, name } = object.key;
    const id = `${namespace}/${name}`;
    const previous = this.#objects.get(id);
    this.#objects.set(id, object);
    const objects = this.#namespace(namespace).objects;
    const position = lowerBound(objects, (each) => each.key.name < name);
    objects.splice(position, previous ? 1 : 0, object);
    return previous;
  }

  delete({ namespace, name }: ObjectName): T | undefined {
    const id = `${namespace}/${name}`;
    const previous = this.#objects.get(id);
    if (!previous) return undefined;
    this.#objects.delete(id);
    const { objects } = this.#byName.get(namespace)!;
    objects.splice(
      lowerBound(objects, (each) => each.key.name < name),
      1,
    );
    if (objects.length === 0) {
      this.#byName.delete(namespace);
      this.#namespaces.splice(this.#position(namespace), 1);
    }
    return previous;
  }

  /** All, or those of one namespace; in order, from the key `start` on: `name` in a namespace, else `namespace/name`. */
  list(namespace: string, start = ''): T[] {
    if (namespace !== '') {
      const objects = this.#byName.get(namespace)?.objects ?? [];
      return start === '' ? objects.slice() : objects.slice(lowerBound(objects, (each) => each.key.name < start));
    }
    const all = ([] as T[]).concat(...this.#namespaces.map((each) => each.objects));
    return start === '' ? all : all.slice(lowerBound(all, (each) => pathOf(each.key) < start));
  }

  clear(): void {
    this.#objects.clear();
    this.#byName.clear();
    this.#namespaces.length = 0;
  }

  #namespace(name: string): Namespace<T> {
    const found = this.#byName.get(name);
    if (found) return found;
    const created: Namespace<T> = { name, objects: [] };
    this.#byName.set(name, created);
    this.#namespaces.splice(this.#position(name), 0, created);
    return created;
  }

  /** By `name/`, as keys are: the namespace `a-b` comes before `a`, because `-` comes before `/`. */
  #position(name: string): number {
    return lowerBound(this.#namespaces, (each) => `${each.name}/` < `${name}/`);
  }
}

interface Namespace<T> {
  readonly name: string;
  readonly objects: T[];
}

/** The key below the resource's prefix. */
export function pathOf({ namespace, name }: ObjectName): string {
  return namespace === '' ? name : `${namespace}/${name}`;
}

/** The first position that is not before; `isBefore` holds for a prefix of the array. */
export function lowerBound<T>(array: readonly T[], isBefore: (element: T) => boolean): number {
  let low = 0;
  let high = array.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isBefore(array[middle]!)) low = middle + 1;
    else high = middle;
  }
  return low;
}
