type Labels = Readonly<Record<string, string>>;

/** A number for each topology domain, which is a value of a node label. Domains at zero are not kept. */
export class TopologyCounts {
  /** By label, then by its value. */
  readonly #keys = new Map<string, Map<string, number>>();

  /** Adds to the domain that a node with these labels is in; nothing if it is in none of this key. */
  add(topologyKey: string, labels: Labels, by: number): void {
    const value = labels[topologyKey];
    if (value === undefined) return;
    let domains = this.#keys.get(topologyKey);
    if (!domains) this.#keys.set(topologyKey, (domains = new Map()));
    const sum = (domains.get(value) ?? 0) + by;
    if (sum !== 0) domains.set(value, sum);
    else domains.delete(value);
    if (domains.size === 0) this.#keys.delete(topologyKey);
  }

  get isEmpty(): boolean {
    return this.#keys.size === 0;
  }

  at(topologyKey: string, labels: Labels): number {
    const value = labels[topologyKey];
    return value === undefined ? 0 : (this.#keys.get(topologyKey)?.get(value) ?? 0);
  }

  /** Whether a node with these labels is in any domain above zero. */
  anyAt(labels: Labels): boolean {
    for (const topologyKey of this.#keys.keys()) if (this.at(topologyKey, labels) > 0) return true;
    return false;
  }

  sumOver(labels: Labels): number {
    let sum = 0;
    for (const topologyKey of this.#keys.keys()) sum += this.at(topologyKey, labels);
    return sum;
  }

  clone(): TopologyCounts {
    const copy = new TopologyCounts();
    for (const [key, domains] of this.#keys) copy.#keys.set(key, new Map(domains));
    return copy;
  }
}
