/**
 * A binary heap whose items can be found and removed by key, so that an updated or deleted pod does not need a search.
 * All operations are O(log n); `get` and `has` O(1).
 */
export class KeyedHeap<T> {
  readonly #items: T[] = [];
  readonly #positions = new Map<string, number>();
  readonly #keyOf: (item: T) => string;
  readonly #less: (a: T, b: T) => boolean;

  constructor(keyOf: (item: T) => string, less: (a: T, b: T) => boolean) {
    this.#keyOf = keyOf;
    this.#less = less;
  }

  get size(): number {
    return this.#items.length;
  }

  has(key: string): boolean {
    return this.#positions.has(key);
  }

  get(key: string): T | undefined {
    const position = this.#positions.get(key);
    return position === undefined ? undefined : this.#items[position];
  }

  peek(): T | undefined {
    return this.#items[0];
  }

  values(): readonly T[] {
    return this.#items;
  }

  /** Adds the item, or replaces the one with its key. */
  set(item: T): void {
    const key = this.#keyOf(item);
    const position = this.#positions.get(key);
    if (position === undefined) {
      this.#place(item, this.#items.length);
      this.#up(this.#items.length - 1);
    } else {
      this.#place(item, position);
      if (!this.#up(position)) this.#down(position);
    }
  }

  pop(): T | undefined {
    const first = this.#items[0];
    if (first !== undefined) this.delete(this.#keyOf(first));
    return first;
  }

  delete(key: string): T | undefined {
    const position = this.#positions.get(key);
    if (position === undefined) return undefined;
    const removed = this.#items[position]!;
    const last = this.#items.pop()!;
    this.#positions.delete(key);
    if (position < this.#items.length) {
      this.#place(last, position);
      if (!this.#up(position)) this.#down(position);
    }
    return removed;
  }

  #place(item: T, position: number): void {
    this.#items[position] = item;
    this.#positions.set(this.#keyOf(item), position);
  }

  #up(start: number): boolean {
    let position = start;
    while (position > 0) {
      const parent = (position - 1) >> 1;
      if (!this.#less(this.#items[position]!, this.#items[parent]!)) break;
      this.#swap(position, parent);
      position = parent;
    }
    return position !== start;
  }

  #down(start: number): void {
    let position = start;
    for (;;) {
      const left = 2 * position + 1;
      if (left >= this.#items.length) return;
      const right = left + 1;
      const child = right < this.#items.length && this.#less(this.#items[right]!, this.#items[left]!) ? right : left;
      if (!this.#less(this.#items[child]!, this.#items[position]!)) return;
      this.#swap(position, child);
      position = child;
    }
  }

  #swap(a: number, b: number): void {
    const [first, second] = [this.#items[a]!, this.#items[b]!];
    this.#place(second, a);
    this.#place(first, b);
  }
}
