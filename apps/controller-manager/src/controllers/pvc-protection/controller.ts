import { isNotFound, objectKey, splitObjectKey } from '@pilothouse/apimachinery';
import { type PersistentVolumeClaim, persistentvolumeclaims, type Pod, pods } from '@pilothouse/api';
import type { SharedInformer } from '@pilothouse/client';
import { type Controller, createWorkQueue, type ReconcileResult, type WorkQueue } from '@pilothouse/controller';
import type { ControllerContext } from '../../controller-context.ts';
import { isDue, toggled } from '../protection-finalizer.ts';

const FINALIZER = 'kubernetes.io/pvc-protection';

/**
 * Lets a claim that is being deleted go once no pod uses it any more; gives the finalizer that holds it to claims that
 * lost it. Mirrors pkg/controller/volume/pvcprotection.
 */
export class PvcProtectionController implements Controller {
  readonly name = 'persistentvolumeclaim-protection-controller';
  readonly workers = 1;
  readonly queue: WorkQueue<string>;
  private readonly context: ControllerContext;
  private readonly claims: SharedInformer<PersistentVolumeClaim>;
  private readonly pods: SharedInformer<Pod>;

  constructor(context: ControllerContext) {
    this.context = context;
    this.queue = createWorkQueue({ name: this.name, clock: context.clock, metrics: context.metrics });
    this.claims = context.informers.for(persistentvolumeclaims);
    this.pods = context.informers.for(pods);
    const enqueue = (claim: PersistentVolumeClaim): void => {
      if (isDue(claim.metadata, FINALIZER)) this.queue.add(objectKey(claim));
    };
    this.claims.addHandler({ onAdd: enqueue, onUpdate: (_, claim) => enqueue(claim) });
    const freed = (pod: Pod): void => {
      for (const key of [...claimKeysOf(pod), ...ephemeralKeysOf(pod)]) this.queue.add(key);
    };
    this.pods.addHandler({
      onDelete: freed,
      onUpdate: (before, after) => {
        if (isShutDown(after) && !isShutDown(before)) freed(after);
      },
    });
  }

  async reconcile(key: string): Promise<ReconcileResult> {
    const claim = this.claims.lister.get(key);
    if (!claim || !isDue(claim.metadata, FINALIZER)) return;
    const { namespace } = splitObjectKey(key);
    if (claim.metadata.deletionTimestamp) {
      if (this.pods.lister.list(namespace).some((pod) => uses(pod, key))) return;
      // The cache may not have a pod yet that was bound a moment ago.
      const { items } = await this.context.client.resource(pods).list({ namespace });
      if (items.some((pod) => uses(pod, key))) return;
    }
    try {
      await this.context.client
        .resource(persistentvolumeclaims)
        .update({ ...claim, metadata: toggled(claim.metadata, FINALIZER) }, { namespace });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
}

/** A pod without a node cannot have begun to use a claim, and no kubelet starts one whose claim is going. */
const uses = (pod: Pod, key: string): boolean =>
  Boolean(pod.spec.nodeName) &&
  (claimKeysOf(pod).includes(key) || (!isShutDown(pod) && ephemeralKeysOf(pod).includes(key)));

/**
 * The kubelet is done with it, or it was deleted by force. Then its ephemeral volumes may go before it: it waits for
 * them when it is deleted in the foreground.
 */
const isShutDown = ({ metadata }: Pod): boolean =>
  Boolean(metadata.deletionTimestamp) && metadata.deletionGracePeriodSeconds === 0;

function claimKeysOf({ metadata, spec }: Pod): string[] {
  return (spec.volumes ?? []).flatMap(({ persistentVolumeClaim }) =>
    persistentVolumeClaim ? `${metadata.namespace}/${persistentVolumeClaim.claimName}` : [],
  );
}

/** Claims made for the pod's ephemeral volumes. */
function ephemeralKeysOf({ metadata, spec }: Pod): string[] {
  return (spec.volumes ?? []).flatMap(({ name, ephemeral }) =>
    ephemeral ? `${metadata.namespace}/${metadata.name}-${name}` : [],
  );
}
