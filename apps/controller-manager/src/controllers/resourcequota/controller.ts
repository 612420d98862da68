import { deepEqual, isConflict, isNotFound, objectKey, type KubeObject } from '@pilothouse/apimachinery';
import {
  countedResource,
  persistentvolumeclaims,
  pods,
  quotaEvaluatorFor,
  quotaEvaluators,
  resourceclaims,
  resourcequotas,
  services,
  type Pod,
  type ResourceQuota,
  type ResourceRef,
  type Service,
} from '@pilothouse/api';
import type { SharedInformer } from '@pilothouse/client';
import {
  type Controller,
  createWorkQueue,
  isPodTerminal,
  type ReconcileResult,
  type WorkQueue,
} from '@pilothouse/controller';
import type { ControllerContext } from '../../controller-context.ts';
import { type CountedObjects, isCurrent, planQuotaStatus } from './plan.ts';

const RESYNC_MS = 5 * 60_000;
/** Admission charges what is created at once; what goes away may wait a moment, so that many deletions are one write. */
const REPLENISH_DELAY_MS = 100;
/** A resource of a custom definition may come after the quota that counts it. */
const UNKNOWN_RESOURCE_RETRY_MS = 30_000;

/**
 * Recounts what the objects of a namespace use and writes it into the quotas' status: after a quota changed, after
 * something that counts has gone, and every five minutes. Mirrors pkg/controller/resourcequota.
 */
export class ResourceQuotaController implements Controller {
  readonly name = 'resourcequota-controller';
  readonly workers = 5;
  readonly queue: WorkQueue<string>;
  private readonly context: ControllerContext;
  private readonly quotas: SharedInformer<ResourceQuota>;
  /** By `group/resource`: what is followed so far. */
  private readonly followed = new Map<string, SharedInformer<KubeObject>>();

  constructor(context: ControllerContext) {
    this.context = context;
    this.queue = createWorkQueue({ name: this.name, clock: context.clock, metrics: context.metrics });
    this.quotas = context.informers.for(resourcequotas);
    this.quotas.addHandler({
      onAdd: (quota) => this.queue.add(objectKey(quota)),
      // A status written by admission is newer than what is seen of the objects here: recounting now would undo it.
      onUpdate: (before, after) => {
        if (!deepEqual(before.spec, after.spec)) this.queue.add(objectKey(after));
      },
    });
    for (const ref of [pods, services, persistentvolumeclaims, resourceclaims] as unknown as ResourceRef[]) {
      this.follow(ref, context.informers.for(ref));
    }
  }

  async reconcile(key: string): Promise<ReconcileResult> {
    const quota = this.quotas.lister.get(key);
    if (!quota) return;
    const { counted, isComplete } = await this.count(quota);
    const status = planQuotaStatus(quota, counted, this.context.clock.now());
    if (!isCurrent(quota, status)) await this.write(quota, status);
    return { requeueAfterMs: isComplete ? RESYNC_MS : UNKNOWN_RESOURCE_RETRY_MS };
  }

  private async write(quota: ResourceQuota, status: ResourceQuota['status']): Promise<void> {
    const { namespace = '' } = quota.metadata;
    try {
      // Not over a charge that admission has made since: then the update conflicts and everything is counted anew.
      await this.context.client
        .resource(resourcequotas)
        .update({ ...quota, status }, { namespace, subresource: 'status' });
    } catch (error) {
      if (isNotFound(error)) return;
      if (!isConflict(error)) throw error;
      this.queue.addAfter(objectKey(quota), REPLENISH_DELAY_MS);
    }
  }

  /** What counts against the quota; not complete while one of the resources is not served, or not known yet. */
  private async count(quota: ResourceQuota): Promise<{ counted: readonly CountedObjects[]; isComplete: boolean }> {
    const { namespace = '' } = quota.metadata;
    const names = Object.keys(quota.spec?.hard ?? {});
    const wanted = new Map(
      quotaEvaluators
        .filter((each) => each.matching(names).length > 0)
        .map((each) => [`${each.group}/${each.resource}`, each]),
    );
    for (const name of names) {
      const counted = countedResource(name);
      if (counted)
        wanted.set(`${counted.group}/${counted.resource}`, quotaEvaluatorFor(counted.group, counted.resource));
    }
    const counted: CountedObjects[] = [];
    let isComplete = true;
    for (const [key, evaluator] of wanted) {
      const informer = this.followed.get(key) ?? (await this.followNew(evaluator.group, evaluator.resource));
      if (informer?.hasSynced) counted.push({ evaluator, objects: informer.lister.list(namespace) });
      else isComplete = false;
    }
    return { counted, isComplete };
  }

  /** Only the number of these matters, so their metadata is enough. */
  private async followNew(group: string, resource: string): Promise<SharedInformer<KubeObject> | undefined> {
    const { resources } = await this.context.client.discover({ signal: this.context.signal });
    const found = resources.find(
      (each) => each.group === group && each.resource === resource && each.namespaced && each.preferred,
    );
    if (found === undefined || !found.verbs.includes('watch')) return undefined;
    const informer = this.context.informers.for(found as ResourceRef, { metadataOnly: true });
    this.follow(found, informer);
    await this.context.informers.waitForSync(this.context.signal);
    return informer;
  }

  private follow(ref: ResourceRef, informer: SharedInformer<KubeObject>): void {
    this.followed.set(`${ref.group}/${ref.resource}`, informer);
    informer.addHandler({
      onDelete: (object) => this.replenish(object),
      onUpdate: (before, after) => {
        if (this.quotasBeside(after).length > 0 && mayUseLess(before, after)) this.replenish(after);
      },
    });
  }

  private replenish(object: KubeObject): void {
    for (const quota of this.quotasBeside(object)) this.queue.addAfter(objectKey(quota), REPLENISH_DELAY_MS);
  }

  private quotasBeside(object: KubeObject): readonly ResourceQuota[] {
    return this.quotas.lister.list(object.metadata?.namespace ?? '');
  }
}

/** A pod that has finished, or something that asks for something else now. */
function mayUseLess(before: KubeObject, after: KubeObject): boolean {
  if (after.kind === 'Pod' && isPodTerminal(after as Pod) && !isPodTerminal(before as Pod)) return true;
  return COUNTED_BY_CONTENT.has(after.kind ?? '') && !deepEqual(contentOf(before), contentOf(after));
}

const COUNTED_BY_CONTENT = new Set(['Pod', 'Service', 'PersistentVolumeClaim', 'ResourceClaim']);

/** What usage is computed from, as far as it changes: a pod that is resized keeps what it has until it is done. */
function contentOf(object: KubeObject): unknown {
  if (object.kind !== 'Pod') return (object as Service).spec;
  const { spec, status } = object as Pod;
  const granted = [...(status?.containerStatuses ?? []), ...(status?.initContainerStatuses ?? [])];
  return [
    spec.activeDeadlineSeconds,
    [...spec.containers, ...(spec.initContainers ?? [])].map(({ resources }) => resources),
    granted.map(({ resources, allocatedResources }) => [resources, allocatedResources]),
  ];
}
