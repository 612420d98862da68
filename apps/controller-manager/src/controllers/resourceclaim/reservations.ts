import { controllerRefOf, isNotFound, objectKey } from '@pilothouse/apimachinery';
import {
  type Pod,
  pods,
  type ResourceClaim,
  type ResourceClaimConsumerReference,
  resourceclaims,
} from '@pilothouse/api';
import type { SharedInformer } from '@pilothouse/client';
import { type Controller, createWorkQueue, type ReconcileResult, type WorkQueue } from '@pilothouse/controller';
import type { ControllerContext } from '../../controller-context.ts';
import { claimNamesOf, isPodDone } from './claims-of-pod.ts';
import { CLAIM_FINALIZER, planReservations } from './plan-reservations.ts';

/**
 * Takes reservations back from pods that are done, and the devices of claims that nobody uses; deletes claims that were
 * made for a pod that is done. Mirrors syncClaim of pkg/controller/resourceclaim.
 */
export class ClaimReservations implements Controller {
  readonly name = 'resourceclaim-reservations-controller';
  readonly workers = 5;
  readonly queue: WorkQueue<string>;
  private readonly context: ControllerContext;
  private readonly claims: SharedInformer<ResourceClaim>;
  private readonly pods: SharedInformer<Pod>;

  constructor(context: ControllerContext) {
    this.context = context;
    this.queue = createWorkQueue({ name: this.name, clock: context.clock, metrics: context.metrics });
    this.claims = context.informers.for(resourceclaims);
    this.pods = context.informers.for(pods);
    const enqueue = (claim: ResourceClaim): void => this.queue.add(objectKey(claim));
    this.claims.addHandler({ onAdd: enqueue, onUpdate: (_, claim) => enqueue(claim) });
    const enqueueClaims = (pod: Pod): void => {
      for (const name of claimNamesOf(pod)) this.queue.add(`${pod.metadata.namespace}/${name}`);
    };
    const enqueueWhenDone = (pod: Pod): void => {
      if (isPodDone(pod)) enqueueClaims(pod);
    };
    this.pods.addHandler({
      onAdd: enqueueWhenDone,
      onUpdate: (_, pod) => enqueueWhenDone(pod),
      onDelete: enqueueClaims,
    });
  }

  async reconcile(key: string): Promise<ReconcileResult> {
    const claim = this.claims.lister.get(key);
    if (!claim) return;
    const namespace = claim.metadata.namespace ?? '';
    const reservedFor = claim.status?.reservedFor ?? [];
    const valid: ResourceClaimConsumerReference[] = [];
    for (const each of reservedFor) if (await this.isInUse(each, namespace)) valid.push(each);
    const ownerName = controllerRefOf(claim)?.kind === 'Pod' ? controllerRefOf(claim)?.name : undefined;
    const owner = ownerName === undefined ? undefined : this.pods.lister.get(`${namespace}/${ownerName}`);
    const plan = planReservations(claim, valid, owner);
    const client = this.context.client.resource(resourceclaims);
    try {
      let current = claim;
      if (plan.status)
        current = await client.update({ ...claim, status: plan.status }, { namespace, subresource: 'status' });
      if (plan.removeFinalizer) {
        const finalizers = (current.metadata.finalizers ?? []).filter((each) => each !== CLAIM_FINALIZER);
        await client.update({ ...current, metadata: { ...current.metadata, finalizers } }, { namespace });
      }
      if (plan.delete) await client.delete(claim.metadata.name ?? '', { namespace });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }

  private async isInUse(consumer: ResourceClaimConsumerReference, namespace: string): Promise<boolean> {
    const { apiGroup, resource, name, uid } = consumer;
    if (apiGroup || resource !== 'pods') throw new Error(`unsupported ReservedFor entry: ${JSON.stringify(consumer)}`);
    // The scheduler may have reserved for a pod that this cache does not have yet: what is missing is asked for.
    const pod = this.pods.lister.get(`${namespace}/${name}`) ?? (await this.fetchPod(name, namespace));
    return pod?.metadata.uid === uid && !isPodDone(pod);
  }

  private async fetchPod(name: string, namespace: string): Promise<Pod | undefined> {
    try {
      return await this.context.client.resource(pods).get(name, { namespace });
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }
}
