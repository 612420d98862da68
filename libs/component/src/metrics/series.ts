/** Never part of a label's value in practice, so joined values stay distinct. */
const SEPARATOR = '\u{1}';

/** The children of one metric, one per combination of label values. */
export class Series<L extends readonly string[], Child> {
  readonly #children = new Map<string, Child>();
  readonly #make: () => Child;
  readonly #labels: L;

  constructor(labels: L, make: () => Child) {
    this.#labels = labels;
    this.#make = make;
  }

  with(values: LabelValues<L>): Child {
    const key = values.length === 1 ? (values[0] as string) : values.join(SEPARATOR);
    let child = this.#children.get(key);
    if (child === undefined) {
      child = this.#make();
      this.#children.set(key, child);
    }
    return child;
  }

  delete(values: LabelValues<L>): void {
    this.#children.delete(values.join(SEPARATOR));
  }

  clear(): void {
    this.#children.clear();
  }

  *entries(): IterableIterator<[labels: [name: string, value: string][], child: Child]> {
    for (const [key, child] of this.#children) {
      const values = this.#labels.length === 0 ? [] : key.split(SEPARATOR);
      yield [this.#labels.map((name, i) => [name, values[i] ?? '']), child];
    }
  }
}

/** As many strings as there are labels, in the order they were declared. */
export type LabelValues<L extends readonly string[]> = { readonly [K in keyof L]: string };
