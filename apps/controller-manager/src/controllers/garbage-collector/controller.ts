import {
  isConflict,
  isNotFound,
  type KubeObject,
  type OwnerReference,
  parseApiVersion,
} from '@pilothouse/apimachinery';
import type { ResourceRef } from '@pilothouse/api';
import type { DiscoveredResource, EventRecorder } from '@pilothouse/client';
import { type Controller, createWorkQueue, type ReconcileResult, type WorkQueue } from '@pilothouse/controller';
import type { ControllerContext } from '../../controller-context.ts';
import { messageOf } from '../pod-control.ts';
import { LRUCache } from 'lru-cache';
import { FOREGROUND_FINALIZER, type GraphNode, ORPHAN_FINALIZER, OwnerGraph } from './graph.ts';
import { type OwnerState, planGarbage, withoutBlocking, withoutFinalizer, withoutReferences } from './plan.ts';

const DISCOVERY_PERIOD_MS = 5_000;
/** Resources whose objects own nothing and come in masses. */
const IGNORED = new Set(['events', 'events.events.k8s.io']);

/**
 * Deletes objects whose owners are gone, and carries out the foreground and orphan policies of a deletion, for built-in
 * and custom kinds alike: it follows the metadata of everything that discovery lists. Mirrors
 * pkg/controller/garbagecollector; the decision is in plan.ts, who owns whom in graph.ts.
 */
export class GarbageCollector implements Controller {
  readonly name = 'garbage-collector-controller';
  readonly workers = 20;
  /** Keys are uids; names may be used again, uids are not. */
  readonly queue: WorkQueue<string>;
  private readonly context: ControllerContext;
  private readonly recorder: EventRecorder;
  private readonly graph = new OwnerGraph();
  /** `group/resource` → what is being followed. */
  private readonly followed = new Map<string, ResourceRef>();
  /**
   * Owners that do not exist, by everything that a reference says of them: the same uid under another name or namespace
   * may well exist, and a wrong reference must not condemn those who name it rightly.
   */
  private readonly absent = new LRUCache<string, true>({ max: 5000 });
  private byKind = new Map<string, DiscoveredResource>();

  constructor(context: ControllerContext) {
    this.context = context;
    this.recorder = context.recorder('garbage-collector-controller');
    this.queue = createWorkQueue({ name: this.name, clock: context.clock, metrics: context.metrics });
    void this.followDiscovery();
  }

  /** Kinds come and go with custom resource definitions, so discovery is asked again and again. */
  private async followDiscovery(): Promise<void> {
    const { signal, clock, client, logger } = this.context;
    while (!signal.aborted) {
      try {
        const { resources, failedGroupVersions } = await client.discover({ signal });
        this.follow(resources, failedGroupVersions);
      } catch (error) {
        if (!signal.aborted)
          logger.warn({ err: messageOf(error) }, 'Discovery failed; following the kinds known so far');
      }
      await clock.sleep(DISCOVERY_PERIOD_MS, signal).catch(() => undefined);
    }
  }

  private follow(resources: readonly DiscoveredResource[], failedGroupVersions: readonly string[]): void {
    const byKind = new Map<string, DiscoveredResource>();
    const wanted = new Map<string, DiscoveredResource>();
    for (const each of resources) {
      const apiVersion = each.group === '' ? each.version : `${each.group}/${each.version}`;
      byKind.set(`${apiVersion}/${each.kind}`, each);
      const isCollectable = ['list', 'watch', 'delete'].every((verb) => each.verbs.includes(verb));
      const name = each.group === '' ? each.resource : `${each.resource}.${each.group}`;
      if (each.preferred && isCollectable && !IGNORED.has(name)) wanted.set(`${each.group}/${each.resource}`, each);
    }
    this.byKind = byKind;
    for (const [key, ref] of this.followed) {
      // A group that could not be read is not gone.
      const failed = failedGroupVersions.some((each) => parseApiVersion(each).group === ref.group);
      if (wanted.has(key) || failed) continue;
      this.context.informers.stop(ref, { metadataOnly: true });
      this.followed.delete(key);
    }
    for (const [key, ref] of wanted) {
      if (this.followed.has(key)) continue;
      this.followed.set(key, ref);
      this.context.informers.for<KubeObject>(ref, { metadataOnly: true }).addHandler({
        onAdd: (object) => this.enqueue(this.graph.observe(ref, object)),
        onUpdate: (before, after) => {
          // Recreated under the same name between two looks.
          if (before.metadata?.uid !== after.metadata?.uid) this.forget(before.metadata?.uid ?? '');
          this.enqueue(this.graph.observe(ref, after));
        },
        onDelete: (object) => this.forget(object.metadata?.uid ?? ''),
      });
    }
  }

  private enqueue(uids: readonly string[]): void {
    for (const uid of uids) this.queue.add(uid);
  }

  /** The object is gone: its dependents need not ask the apiserver for it any more. */
  private forget(uid: string): void {
    const node = this.graph.node(uid);
    if (node) this.absent.set(coordinates(node, node.namespace), true);
    this.enqueue(this.graph.remove(uid));
  }

  async reconcile(uid: string): Promise<ReconcileResult> {
    const node = this.graph.node(uid);
    if (!node || node.isVirtual || !node.ref || this.graph.isSettled(node)) return;
    const object = await this.fetch(node);
    if (!object || object.metadata?.uid !== uid) {
      // Gone already; the informer will say so, but dependents need not wait for it.
      this.forget(uid);
      return;
    }
    const finalizers = object.metadata.finalizers ?? [];
    if (object.metadata.deletionTimestamp) {
      if (finalizers.includes(ORPHAN_FINALIZER)) return this.orphanDependents(node, object);
      if (finalizers.includes(FOREGROUND_FINALIZER)) return this.deleteDependents(node, object);
      return;
    }
    await this.collect(node, object);
  }

  private async collect(node: GraphNode, object: KubeObject): Promise<void> {
    const states = new Map<string, OwnerState>();
    for (const owner of object.metadata?.ownerReferences ?? []) states.set(owner.uid, await this.stateOf(owner, node));
    const plan = planGarbage(object, (owner) => states.get(owner.uid)!, this.graph.dependentsOf(node.uid));
    const client = this.context.client.resource(node.ref!);
    const namespace = node.namespace;
    try {
      if (plan.action === 'drop-references') {
        await client.patch(node.name, { type: 'merge', body: withoutReferences(object, plan.uids) }, { namespace });
      } else if (plan.action === 'delete') {
        const current = plan.unblock
          ? await client.patch(node.name, { type: 'merge', body: withoutBlocking(object) }, { namespace })
          : object;
        const { uid = '', resourceVersion = '' } = current.metadata ?? {};
        await client.delete(node.name, {
          namespace,
          propagationPolicy: plan.propagation,
          preconditions: { uid, resourceVersion },
        });
      }
    } catch (error) {
      if (isNotFound(error)) return;
      if (isConflict(error)) return this.queue.addRateLimited(node.uid);
      throw error;
    }
  }

  /** An owner that the graph has not seen is asked for: the cache may only be late. */
  private async stateOf(owner: OwnerReference, dependent: GraphNode): Promise<OwnerState> {
    const known = this.graph.ownerState(owner, dependent);
    if (known !== 'unknown') return known;
    const ref = this.byKind.get(`${owner.apiVersion}/${owner.kind}`);
    if (!ref) throw new Error(`unable to get REST mapping for ${owner.apiVersion}/${owner.kind}.`);
    if (ref.namespaced && dependent.namespace === '') {
      this.tellInvalidNamespace(owner, dependent);
      return 'unresolvable';
    }
    const seen = this.graph.node(owner.uid);
    if (seen && !seen.isVirtual && seen.namespace !== '' && seen.namespace !== dependent.namespace)
      this.tellInvalidNamespace(owner, dependent);
    const namespace = ref.namespaced ? dependent.namespace : '';
    const key = coordinates(owner, namespace);
    if (this.absent.has(key)) return 'dangling';
    try {
      const found = await this.context.client.metadata(ref).get(owner.name, { namespace });
      if (found.metadata?.uid === owner.uid) {
        const isWaiting = found.metadata.deletionTimestamp && found.metadata.finalizers?.includes(FOREGROUND_FINALIZER);
        return isWaiting ? 'waiting-for-dependents' : 'solid';
      }
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
    this.absent.set(key, true);
    return 'dangling';
  }

  private tellInvalidNamespace(owner: OwnerReference, dependent: GraphNode): void {
    const message = `ownerRef [${owner.apiVersion}/${owner.kind}, namespace: ${dependent.namespace}, name: ${owner.name}, uid: ${owner.uid}] does not exist in namespace ${JSON.stringify(dependent.namespace)}`;
    const { apiVersion, kind, name, namespace, uid } = dependent;
    this.recorder.event(
      { apiVersion, kind, metadata: { name, namespace, uid } },
      'Warning',
      'OwnerRefInvalidNamespace',
      message,
    );
  }

  private async orphanDependents(node: GraphNode, object: KubeObject): Promise<void> {
    await Promise.all(this.graph.dependentsOf(node.uid).map((dependent) => this.release(dependent, node.uid)));
    await this.removeFinalizer(node, object, ORPHAN_FINALIZER);
  }

  private async release(dependent: GraphNode, ownerUid: string): Promise<void> {
    const current = await this.fetch(dependent);
    if (!current?.metadata?.ownerReferences?.some((owner) => owner.uid === ownerUid)) return;
    try {
      await this.context.client
        .resource(dependent.ref!)
        .patch(
          dependent.name,
          { type: 'merge', body: withoutReferences(current, [ownerUid]) },
          { namespace: dependent.namespace },
        );
    } catch (error) {
      if (isConflict(error)) return this.release(dependent, ownerUid);
      if (!isNotFound(error)) throw error;
    }
  }

  /** The owner goes when no dependent that blocks it is left; until then each dependent's removal brings it back here. */
  private async deleteDependents(node: GraphNode, object: KubeObject): Promise<void> {
    const dependents = this.graph.dependentsOf(node.uid);
    const blocking = dependents.filter((each) =>
      each.owners.some((owner) => owner.uid === node.uid && owner.blockOwnerDeletion),
    );
    if (blocking.length === 0) return this.removeFinalizer(node, object, FOREGROUND_FINALIZER);
    this.enqueue(dependents.filter((each) => !each.isDeleting).map(({ uid }) => uid));
  }

  private async removeFinalizer(node: GraphNode, object: KubeObject, finalizer: string): Promise<void> {
    try {
      await this.context.client
        .resource(node.ref!)
        .patch(node.name, { type: 'merge', body: withoutFinalizer(object, finalizer) }, { namespace: node.namespace });
    } catch (error) {
      if (isConflict(error)) return this.queue.addRateLimited(node.uid);
      if (!isNotFound(error)) throw error;
    }
  }

  private async fetch(node: GraphNode): Promise<KubeObject | undefined> {
    try {
      return await this.context.client.metadata(node.ref!).get(node.name, { namespace: node.namespace });
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }
}

/** An owner as a reference describes it, within the namespace where it would have to be. */
function coordinates(
  { apiVersion, kind, name, uid }: Pick<OwnerReference, 'apiVersion' | 'kind' | 'name' | 'uid'>,
  namespace: string,
): string {
  return [apiVersion, kind, namespace, name, uid].join('/');
}
