import { formatGroupResource, isConflict, isNotFound, StatusError } from '@pilothouse/apimachinery';
import { type Namespace, namespaces } from '@pilothouse/api';
import type { DiscoveredResource, SharedInformer } from '@pilothouse/client';
import { type Controller, createWorkQueue, type ReconcileResult, type WorkQueue } from '@pilothouse/controller';
import type { ControllerContext } from '../../controller-context.ts';
import { messageOf } from '../pod-control.ts';
import { updateStatus } from '../update-status.ts';
import { hasFinalizer, isEmpty, planStatus, type PurgeResult, type Remainder, withoutFinalizer } from './plan.ts';

/** How soon to look again while something in a namespace is still going away. */
const RECHECK_MS = 500;
/**
 * A namespace is emptied this long after its deletion: other apiservers must know of it first, and `kubectl delete -f`
 * should find the objects that it is about to delete by name. Upstream waits 5 s.
 */
const DELETION_DELAY_MS = 2_000;
const RECHECK_MAX_MS = 10_000;

/**
 * Empties a namespace that is being deleted: everything that discovery lists, built in or not, then the namespace
 * itself by taking its `kubernetes` finalizer away. Mirrors pkg/controller/namespace.
 */
export class NamespaceController implements Controller {
  readonly name = 'namespace-controller';
  readonly workers = 10;
  readonly queue: WorkQueue<string>;
  private readonly context: ControllerContext;
  private readonly namespaces: SharedInformer<Namespace>;
  private readonly rechecks = new Map<string, number>();

  constructor(context: ControllerContext) {
    this.context = context;
    this.queue = createWorkQueue({ name: this.name, clock: context.clock, metrics: context.metrics });
    this.namespaces = context.informers.for(namespaces);
    const enqueue = (namespace: Namespace): void => {
      if (namespace.metadata.deletionTimestamp) this.queue.addAfter(namespace.metadata.name ?? '', DELETION_DELAY_MS);
    };
    this.namespaces.addHandler({
      onAdd: enqueue,
      onUpdate: (_, namespace) => enqueue(namespace),
      onDelete: (namespace) => this.rechecks.delete(namespace.metadata.name ?? ''),
    });
  }

  async reconcile(name: string, signal: AbortSignal): Promise<ReconcileResult> {
    const cached = this.namespaces.lister.get(name);
    if (!cached?.metadata.deletionTimestamp) return;
    let namespace = await this.fetch(name);
    if (
      !namespace?.metadata.deletionTimestamp ||
      namespace.metadata.uid !== cached.metadata.uid ||
      !hasFinalizer(namespace)
    )
      return;

    const result = await this.purge(name, signal);
    namespace = await updateStatus(
      this.context.client,
      namespaces,
      namespace,
      planStatus(namespace, result, this.context.clock.now()),
    );
    if (isEmpty(result)) return this.finalize(namespace);
    if (result.deletionErrors.length > 0 || result.discoveryFailures.length > 0) {
      throw new Error(
        `namespace ${name} cannot be emptied yet: ${[...result.discoveryFailures, ...result.deletionErrors].join(', ')}`,
      );
    }
    // Nothing tells when the last object has gone, so look again, less and less often.
    const delayMs = Math.min((this.rechecks.get(name) ?? RECHECK_MS / 2) * 2, RECHECK_MAX_MS);
    this.rechecks.set(name, delayMs);
    return { requeueAfterMs: delayMs };
  }

  private async fetch(name: string): Promise<Namespace | undefined> {
    try {
      return await this.context.client.resource(namespaces).get(name);
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  private async finalize(namespace: Namespace): Promise<void> {
    try {
      await this.context.client.resource(namespaces).update(withoutFinalizer(namespace), { subresource: 'finalize' });
    } catch (error) {
      if (isNotFound(error)) return;
      if (!isConflict(error)) throw error;
      const current = await this.fetch(namespace.metadata.name ?? '');
      if (current?.metadata.uid === namespace.metadata.uid) await this.finalize(current!);
    }
  }

  private async purge(namespace: string, signal: AbortSignal): Promise<PurgeResult> {
    const { resources, failedGroupVersions } = await this.context.client.discover({ signal });
    // The same objects are reached through every version of a group; one is enough.
    const targets = resources.filter(
      (each) => each.namespaced && each.preferred && each.verbs.includes('delete') && each.verbs.includes('list'),
    );
    const pods = targets.filter(({ group, resource }) => group === '' && resource === 'pods');
    const others = targets.filter((target) => !pods.includes(target));
    // Pods go first: what is left of them may still need the secrets, policies and claims beside them (KEP-5080).
    const first = await this.purgeAll(pods, namespace);
    const result = first.remainders.length > 0 ? first : await this.purgeAll(others, namespace);
    return {
      remainders: result.remainders,
      discoveryFailures: failedGroupVersions,
      deletionErrors: [...new Set([...first.deletionErrors, ...result.deletionErrors])],
    };
  }

  private async purgeAll(targets: readonly DiscoveredResource[], namespace: string) {
    const deletionErrors: string[] = [];
    const remainders: Remainder[] = [];
    await Promise.all(
      targets.map(async (resource) => {
        try {
          const remainder = await this.purgeResource(resource, namespace);
          if (remainder.count > 0) remainders.push(remainder);
        } catch (error) {
          // A resource that went away in the meantime has nothing left.
          if (!isNotFound(error) && !isMethodNotAllowed(error)) deletionErrors.push(messageOf(error));
        }
      }),
    );
    return { remainders, deletionErrors };
  }

  private async purgeResource(resource: DiscoveredResource, namespace: string): Promise<Remainder> {
    const metadata = this.context.client.metadata(resource);
    const list = async () => (await metadata.list({ namespace })).items;
    let items = await list();
    if (items.length > 0) {
      if (resource.verbs.includes('deletecollection')) {
        await this.context.client.resource(resource).deleteCollection({ namespace, propagationPolicy: 'Background' });
      } else {
        for (const item of items) {
          await this.context.client
            .resource(resource)
            .delete(item.metadata?.name ?? '', { namespace, propagationPolicy: 'Background' });
        }
      }
      items = await list();
    }
    const finalizers = new Map<string, number>();
    for (const finalizer of items.flatMap((item) => item.metadata?.finalizers ?? [])) {
      finalizers.set(finalizer, (finalizers.get(finalizer) ?? 0) + 1);
    }
    const name = formatGroupResource(resource.group, resource.resource);
    return { resource: resource.group === '' ? `${name}.` : name, count: items.length, finalizers };
  }
}

const isMethodNotAllowed = (error: unknown): boolean => error instanceof StatusError && error.code === 405;
