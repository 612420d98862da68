import { type KubeObject, type OwnerReference, parseApiVersion } from '@pilothouse/apimachinery';
import type { ResourceRef } from '@pilothouse/api';

/**
 * Who owns whom, over all kinds of the cluster. A node is one object; an owner that was named but never seen is a
 * *virtual* node until it is seen or known not to exist. Pure: it is fed by informers and asked by the controller.
 */
export interface GraphNode {
  readonly uid: string;
  readonly ref: ResourceRef | undefined;
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly owners: readonly OwnerReference[];
  readonly isDeleting: boolean;
  /** Waits for its dependents to be gone: the `foregroundDeletion` finalizer on an object being deleted. */
  readonly isDeletingDependents: boolean;
  /** Waits for its dependents to be set free: the `orphan` finalizer. */
  readonly isOrphaningDependents: boolean;
  readonly isVirtual: boolean;
}

export const FOREGROUND_FINALIZER = 'foregroundDeletion';
export const ORPHAN_FINALIZER = 'orphan';

export class OwnerGraph {
  private readonly nodes = new Map<string, GraphNode>();
  private readonly dependents = new Map<string, Set<string>>();

  node(uid: string): GraphNode | undefined {
    return this.nodes.get(uid);
  }

  dependentsOf(uid: string): GraphNode[] {
    return [...(this.dependents.get(uid) ?? [])].flatMap((each) => this.nodes.get(each) ?? []);
  }

  /**
   * What the graph alone knows of an owner that `dependent` names. `unknown` is an owner that was never seen, or whose
   * name, kind or namespace is another than the reference says: only the apiserver can tell.
   */
  ownerState(owner: OwnerReference, dependent: GraphNode): 'solid' | 'waiting-for-dependents' | 'unknown' {
    const known = this.nodes.get(owner.uid);
    if (!known || known.isVirtual || !isAt(known, owner, dependent.namespace)) return 'unknown';
    return known.isDeletingDependents ? 'waiting-for-dependents' : 'solid';
  }

  /** Nothing is to be done about the object: it is not going away, and all its owners are there to stay. */
  isSettled(node: GraphNode): boolean {
    if (node.isDeletingDependents || node.isOrphaningDependents) return false;
    return node.owners.every((owner) => this.ownerState(owner, node) === 'solid');
  }

  get size(): number {
    return this.nodes.size;
  }

  /** An object was seen. Returns what must be looked at: itself when an owner may be missing, or its dependents. */
  observe(ref: ResourceRef, object: KubeObject): string[] {
    const next = nodeOf(ref, object);
    const before = this.nodes.get(next.uid);
    this.unlink(before);
    this.nodes.set(next.uid, next);
    for (const owner of next.owners) {
      this.link(owner.uid, next.uid);
      if (!this.nodes.has(owner.uid)) this.nodes.set(owner.uid, virtualNode(owner, next.namespace));
    }
    const work: string[] = [];
    // Most events are of objects whose owners are well: those cost nothing.
    if (!this.isSettled(next)) work.push(next.uid);
    const startedForeground = next.isDeletingDependents && !before?.isDeletingDependents;
    if (startedForeground) work.push(...this.dependentsOf(next.uid).map(({ uid }) => uid));
    // An owner that blocked on this dependent may go on once the dependent is being deleted or lets go of it.
    for (const owner of before?.owners ?? []) {
      if (!next.owners.some((each) => each.uid === owner.uid && each.blockOwnerDeletion === owner.blockOwnerDeletion))
        work.push(owner.uid);
    }
    work.push(...next.owners.filter(() => next.isDeleting && !before?.isDeleting).map((owner) => owner.uid));
    return [...new Set(work)];
  }

  /** An object is gone. Returns its dependents, which may be garbage now, and owners that waited for it. */
  remove(uid: string): string[] {
    const node = this.nodes.get(uid);
    this.unlink(node);
    this.nodes.delete(uid);
    const dependents = [...(this.dependents.get(uid) ?? [])];
    return [...dependents, ...(node?.owners.map((owner) => owner.uid) ?? [])];
  }

  /** Virtual nodes that nothing refers to any more are forgotten. */
  private unlink(node: GraphNode | undefined): void {
    if (!node) return;
    for (const owner of node.owners) {
      const siblings = this.dependents.get(owner.uid);
      siblings?.delete(node.uid);
      if (siblings?.size === 0) {
        this.dependents.delete(owner.uid);
        if (this.nodes.get(owner.uid)?.isVirtual) this.nodes.delete(owner.uid);
      }
    }
  }

  private link(owner: string, dependent: string): void {
    const siblings = this.dependents.get(owner);
    if (siblings) siblings.add(dependent);
    else this.dependents.set(owner, new Set([dependent]));
  }
}

/** The node is what the reference describes; the version of its group may be another. */
function isAt(node: GraphNode, owner: OwnerReference, namespace: string): boolean {
  return (
    node.kind === owner.kind &&
    node.name === owner.name &&
    parseApiVersion(node.apiVersion).group === parseApiVersion(owner.apiVersion).group &&
    (node.namespace === '' || node.namespace === namespace)
  );
}

function nodeOf(ref: ResourceRef, object: KubeObject): GraphNode {
  const {
    uid = '',
    namespace = '',
    name = '',
    ownerReferences = [],
    finalizers = [],
    deletionTimestamp,
  } = object.metadata ?? {};
  const isDeleting = deletionTimestamp !== undefined;
  return {
    uid,
    ref,
    apiVersion: ref.group === '' ? ref.version : `${ref.group}/${ref.version}`,
    kind: ref.kind,
    namespace,
    name,
    owners: ownerReferences,
    isDeleting,
    isDeletingDependents: isDeleting && finalizers.includes(FOREGROUND_FINALIZER),
    isOrphaningDependents: isDeleting && finalizers.includes(ORPHAN_FINALIZER),
    isVirtual: false,
  };
}

function virtualNode(owner: OwnerReference, namespace: string): GraphNode {
  return {
    uid: owner.uid,
    ref: undefined,
    apiVersion: owner.apiVersion,
    kind: owner.kind,
    namespace,
    name: owner.name,
    owners: [],
    isDeleting: false,
    isDeletingDependents: false,
    isOrphaningDependents: false,
    isVirtual: true,
  };
}
