import { fieldElement, type PathElement, sortPathElements } from './path-element.ts';

type Path = readonly PathElement[];

/**
 * A set of field paths, as a trie. A node lists which of its elements are in the set themselves (`members`) and which
 * have elements below them (`children`); both may hold for one element. Sets grow only while they are being built;
 * the operations below make new sets and share what they do not change.
 */
export class FieldSet {
  readonly members: Set<PathElement> = new Set();
  readonly children: Map<PathElement, FieldSet> = new Map();

  /** Of paths given by field names: `FieldSet.ofFields(['metadata', 'name'])`. */
  static ofFields(...paths: readonly (readonly string[])[]): FieldSet {
    const set = new FieldSet();
    for (const path of paths) set.insert(path.map(fieldElement));
    return set;
  }

  /** Adds a path, but none of its parents. The empty path is nobody's. */
  insert(path: Path): void {
    if (path.length === 0) return;
    let node: FieldSet = this;
    for (let i = 0; i < path.length - 1; i++) node = node.descend(path[i]!);
    node.members.add(path[path.length - 1]!);
  }

  /** The node below an element, made when it is not there: only for a set that is being built. */
  descend(element: PathElement): FieldSet {
    let child = this.children.get(element);
    if (child === undefined) {
      child = new FieldSet();
      this.children.set(element, child);
    }
    return child;
  }

  get isEmpty(): boolean {
    if (this.members.size > 0) return false;
    for (const child of this.children.values()) if (!child.isEmpty) return false;
    return true;
  }

  has(path: Path): boolean {
    let node: FieldSet | undefined = this;
    for (let i = 0; i < path.length - 1; i++) {
      node = node.children.get(path[i]!);
      if (node === undefined) return false;
    }
    return path.length > 0 && node.members.has(path[path.length - 1]!);
  }

  equals(other: FieldSet): boolean {
    if (this === other) return true;
    if (this.members.size !== other.members.size || this.children.size !== other.children.size) return false;
    for (const member of this.members) if (!other.members.has(member)) return false;
    for (const [element, child] of this.children) {
      const theirs = other.children.get(element);
      if (theirs === undefined || !child.equals(theirs)) return false;
    }
    return true;
  }

  union(other: FieldSet): FieldSet {
    if (other.isEmpty) return this;
    if (this.isEmpty) return other;
    const result = new FieldSet();
    for (const member of this.members) result.members.add(member);
    for (const member of other.members) result.members.add(member);
    for (const [element, child] of this.children) result.children.set(element, child);
    for (const [element, child] of other.children) {
      const mine = result.children.get(element);
      result.children.set(element, mine === undefined ? child : mine.union(child));
    }
    return result;
  }

  intersection(other: FieldSet): FieldSet {
    const result = new FieldSet();
    for (const member of this.members) if (other.members.has(member)) result.members.add(member);
    for (const [element, child] of this.children) {
      const theirs = other.children.get(element);
      if (theirs !== undefined) result.attach(element, child.intersection(theirs));
    }
    return result;
  }

  /** What is in this set and not in the other, path by path: a parent in the other takes no children away. */
  difference(other: FieldSet): FieldSet {
    return this.#minus(other, false);
  }

  /** Like difference, but a path in the other also takes away all that is below it. */
  recursiveDifference(other: FieldSet): FieldSet {
    return this.#minus(other, true);
  }

  #minus(other: FieldSet, recursive: boolean): FieldSet {
    if (other.members.size === 0 && other.children.size === 0) return this;
    const result = new FieldSet();
    for (const member of this.members) if (!other.members.has(member)) result.members.add(member);
    let same = result.members.size === this.members.size;
    for (const [element, child] of this.children) {
      const theirs = other.children.get(element);
      const left = theirs === undefined ? child : child.#minus(theirs, recursive);
      if (recursive && other.members.has(element)) same = false;
      else {
        result.attach(element, left);
        if (left !== child) same = false;
      }
    }
    return same ? this : result;
  }

  /** Adds a child unless there is nothing in it. */
  attach(element: PathElement, child: FieldSet): void {
    if (!child.isEmpty) this.children.set(element, child);
  }

  /** Every path, sorted: the members of a node before what is below them. */
  *paths(prefix: Path = []): Generator<Path> {
    for (const member of sortPathElements([...this.members])) yield [...prefix, member];
    for (const element of sortPathElements([...this.children.keys()])) {
      yield* this.children.get(element)!.paths([...prefix, element]);
    }
  }
}

export const EMPTY_FIELD_SET = new FieldSet();
