import { isNotFound, objectKey, splitObjectKey } from '@pilothouse/apimachinery';
import { type PersistentVolumeClaim, persistentvolumeclaims, type Pod, pods } from '@pilothouse/api';
import type { SharedInformer } from '@pilothouse/client';
import { type Controller, createWorkQueue, type ReconcileResult, type WorkQueue } from '@pilothouse/controller';
import type { ControllerContext } from '../../controller-context.ts';

const FINALIZER = 'kubernetes.io/pvc-protection';

/** Lets a claim that is being deleted go once no pod uses it any more. Mirrors pkg/controller/volume/pvcprotection. */
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
      if (claim.metadata.deletionTimestamp && claim.metadata.finalizers?.includes(FINALIZER))
        this.queue.add(objectKey(claim));
    };
    this.claims.addHandler({ onAdd: enqueue, onUpdate: (_, claim) => enqueue(claim) });
    this.pods.addHandler({
      onDelete: (pod) => {
        for (const key of claimKeysOf(pod)) this.queue.add(key);
      },
    });
  }

  async reconcile(key: string): Promise<ReconcileResult> {
    const claim = this.claims.lister.get(key);
    if (!claim?.metadata.deletionTimestamp || !claim.metadata.finalizers?.includes(FINALIZER)) return;
    const { namespace } = splitObjectKey(key);
    if (this.pods.lister.list(namespace).some((pod) => uses(pod, key))) return;
    // The cache may not have a pod yet that was bound a moment ago.
    const { items } = await this.context.client.resource(pods).list({ namespace });
    if (items.some((pod) => uses(pod, key))) return;
    const finalizers = claim.metadata.finalizers.filter((each) => each !== FINALIZER);
    try {
      await this.context.client
        .resource(persistentvolumeclaims)
        .update({ ...claim, metadata: { ...claim.metadata, finalizers } }, { namespace });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
}

/** A pod without a node cannot have begun to use a claim, and no kubelet starts one whose claim is going. */
const uses = (pod: Pod, key: string): boolean => Boolean(pod.spec.nodeName) && claimKeysOf(pod).includes(key);

/** Claims by name, and those made for its ephemeral volumes. */
function claimKeysOf({ metadata, spec }: Pod): string[] {
  return (spec.volumes ?? []).flatMap(({ name, persistentVolumeClaim, ephemeral }) => {
    if (persistentVolumeClaim) return [`${metadata.namespace}/${persistentVolumeClaim.claimName}`];
    return ephemeral ? [`${metadata.namespace}/${metadata.name}-${name}`] : [];
  });
}
