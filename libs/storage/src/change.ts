import type { StoredChange } from './storage.ts';
import type { StoredVersion } from './stored-version.ts';

/**
 * What happened to one object at one revision: one value for the history and for every watcher. A watcher with a filter
 * may see it as another type; those views are made once and shared too.
 */
export class Change implements StoredChange {
  readonly type: StoredChange['type'];
  readonly object: StoredVersion;
  readonly previous: StoredVersion | undefined;
  readonly revision: number;
  #asAdded: Change | undefined;
  #asDeleted: Change | undefined;

  constructor(
    type: StoredChange['type'],
    object: StoredVersion,
    previous: StoredVersion | undefined,
    revision: number,
  ) {
    this.type = type;
    this.object = object;
    this.previous = previous;
    this.revision = revision;
  }

  static put(object: StoredVersion, previous: StoredVersion | undefined): Change {
    return new Change(previous ? 'MODIFIED' : 'ADDED', object, previous, object.revision);
  }

  static deletion(previous: StoredVersion, revision: number): Change {
    return new Change('DELETED', previous.at(revision), previous, revision);
  }

  /** How a filter sees it: an object that starts to match is added, one that stops is deleted with its last content. */
  seenThrough(filter: (object: StoredVersion) => boolean): Change | undefined {
    const before = this.previous !== undefined && filter(this.previous);
    const after = this.type !== 'DELETED' && filter(this.object);
    if (after) return before || this.type === 'ADDED' ? this : this.#added();
    if (before) return this.type === 'DELETED' ? this : this.#deleted();
    return undefined;
  }

  /** Lets go of what was made for watchers; whoever comes later has it made again. */
  cool(): void {
    this.object.forgetFrames();
    this.previous?.forgetDerived();
    this.#asDeleted?.cool();
    this.#asDeleted = undefined;
    if (this.type === 'DELETED') this.object.forgetDerived();
  }

  #added(): Change {
    this.#asAdded ??= new Change('ADDED', this.object, undefined, this.revision);
    return this.#asAdded;
  }

  #deleted(): Change {
    this.#asDeleted ??= Change.deletion(this.previous!, this.revision);
    return this.#asDeleted;
  }
}
