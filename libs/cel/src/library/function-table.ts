import type { Overload } from './overload.ts';

/** The signatures of functions, found by name, way of calling and number of arguments. */
export class FunctionTable {
  readonly #overloads = new Map<string, Overload[]>();
  readonly #names = new Set<string>();

  constructor(overloads: Iterable<Overload>) {
    for (const overload of overloads) {
      this.#names.add(overload.name);
      const key = keyOf(overload.name, overload.member, overload.args.length);
      const list = this.#overloads.get(key);
      if (list) list.push(overload);
      else this.#overloads.set(key, [overload]);
    }
  }

  has(name: string): boolean {
    return this.#names.has(name);
  }

  find(name: string, member: boolean, count: number): readonly Overload[] {
    return this.#overloads.get(keyOf(name, member, count)) ?? [];
  }
}

const keyOf = (name: string, member: boolean, count: number): string => `${member ? '.' : ''}${name}/${count}`;
