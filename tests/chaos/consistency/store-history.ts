/** One change of one key, as etcd itself tells it. */
export interface StoreEvent {
  readonly key: string;
  readonly revision: number;
  readonly type: 'put' | 'delete';
  /** The key's revision just before; undefined when it was absent. */
  readonly previous: number | undefined;
}

/** A key's state between two of its changes: `revision` is what a reader sees, undefined for "not there". */
interface State {
  readonly revision: number | undefined;
  /** From this revision of the store on … */
  readonly from: number;
  /** … and before this one. */
  readonly before: number;
}

/** All that happened, in order: what every answer of every server is held against. */
export class StoreHistory {
  readonly events: readonly StoreEvent[];
  /** What was before the first event is not known. */
  readonly from: number;
  readonly #byRevision: ReadonlyMap<number, StoreEvent>;
  readonly #byKey: ReadonlyMap<string, readonly StoreEvent[]>;

  constructor(events: readonly StoreEvent[], from: number) {
    this.events = events;
    this.from = from;
    this.#byRevision = new Map(events.map((event) => [event.revision, event]));
    this.#byKey = Map.groupBy(events, ({ key }) => key);
  }

  at(revision: number): StoreEvent | undefined {
    return this.#byRevision.get(revision);
  }

  /** Whether a reader can have seen the key like this at a revision of the store from `first` on and before `end`. */
  wasBetween(key: string, revision: number | undefined, first: number, end: number): boolean {
    return this.#statesOf(key).some((state) => state.revision === revision && state.before > first && state.from < end);
  }

  /** When that version of the key was deleted. */
  deletionOf(key: string, revision: number): number | undefined {
    return this.#byKey.get(key)?.find(({ type, previous }) => type === 'delete' && previous === revision)?.revision;
  }

  /** Whether the key ever was like this, at whatever time. */
  everWas(key: string, revision: number | undefined): boolean {
    return this.#statesOf(key).some((state) => state.revision === revision);
  }

  /** The revision of every key that ever changed, as it stood at `revision`; undefined for one that was not there. */
  snapshot(revision: number): Map<string, number | undefined> {
    const standing = new Map<string, number | undefined>();
    for (const [key, [first]] of this.#byKey) standing.set(key, first!.previous);
    for (const event of this.events) {
      if (event.revision > revision) break;
      standing.set(event.key, event.type === 'put' ? event.revision : undefined);
    }
    return standing;
  }

  /** How the recording contradicts itself: etcd names the version that each change replaced, so a gap shows. */
  gaps(): string[] {
    const newest = new Map<string, number | undefined>();
    let last = this.from;
    return this.events.flatMap(({ key, revision, type, previous }) => {
      const problems: string[] = [];
      if (revision <= last) problems.push(`the store's history goes from ${last} to ${revision}`);
      if (newest.has(key) && newest.get(key) !== previous) {
        problems.push(`${key} at ${revision} replaces ${previous ?? 'nothing'}, not ${newest.get(key) ?? 'nothing'}`);
      }
      last = revision;
      newest.set(key, type === 'put' ? revision : undefined);
      return problems;
    });
  }

  #statesOf(key: string): State[] {
    const events = this.#byKey.get(key) ?? [];
    const first = events[0];
    const states: State[] = [{ revision: first?.previous, from: 0, before: first?.revision ?? Infinity }];
    events.forEach(({ type, revision }, index) =>
      states.push({
        revision: type === 'put' ? revision : undefined,
        from: revision,
        before: events[index + 1]?.revision ?? Infinity,
      }),
    );
    return states;
  }
}
