/** Names one plugin's entry in a CycleState and fixes its type. */
export interface StateKey<T> {
  readonly name: string;
  /** Copies the entry for a what-if evaluation; without it the entry is shared, because nothing changes it. */
  readonly clone?: (value: T) => T;
}

export function stateKey<T>(name: string, clone?: (value: T) => T): StateKey<T> {
  return clone ? { name, clone } : { name };
}

/** What plugins remember during one attempt to schedule one pod. */
export class CycleState {
  /** Names of plugins whose filter is left out, because their preFilter answered Skip. */
  skippedFilters: ReadonlySet<string> = NONE;
  /** Names of plugins whose score is left out, because their preScore answered Skip. */
  skippedScores: ReadonlySet<string> = NONE;
  readonly #entries = new Map<StateKey<any>, unknown>();

  read<T>(key: StateKey<T>): T | undefined {
    return this.#entries.get(key) as T | undefined;
  }

  /** The entry that the plugin's own earlier extension point must have written. */
  mustRead<T>(key: StateKey<T>): T {
    const value = this.#entries.get(key);
    if (value === undefined) throw new Error(`reading "${key.name}" from cycleState: not found`);
    return value as T;
  }

  write<T>(key: StateKey<T>, value: T): void {
    this.#entries.set(key, value);
  }

  clone(): CycleState {
    const copy = new CycleState();
    copy.skippedFilters = this.skippedFilters;
    copy.skippedScores = this.skippedScores;
    for (const [key, value] of this.#entries) copy.#entries.set(key, key.clone ? key.clone(value) : value);
    return copy;
  }
}

const NONE: ReadonlySet<string> = new Set();
