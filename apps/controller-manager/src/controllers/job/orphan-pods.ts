import { controllerRefOf, isConflict, isNotFound, objectKey } from '@pilothouse/apimachinery';
import { type Job, jobs, type Pod, pods } from '@pilothouse/api';
import type { SharedInformer } from '@pilothouse/client';
import { type Controller, createWorkQueue, type ReconcileResult, type WorkQueue } from '@pilothouse/controller';
import type { ControllerContext } from '../../controller-context.ts';
import { indexByController, ownedBy } from '../pod-index.ts';
import { isFinished } from './plan.ts';
import { isTracked, withoutTracking } from './pod.ts';

/**
 * Frees pods whose Job is gone from the finalizer that keeps their outcome from being lost: nobody counts it any more,
 * and it would hold them for ever. A queue of its own, because whether a Job is gone can only be said once the caches are
 * filled. Mirrors syncOrphanPod of pkg/controller/job.
 */
export class OrphanJobPods implements Controller {
  readonly name = 'job-orphan-pods';
  readonly workers = 1;
  readonly queue: WorkQueue<string>;
  private readonly context: ControllerContext;
  private readonly jobs: SharedInformer<Job>;
  private readonly pods: SharedInformer<Pod>;

  constructor(context: ControllerContext) {
    this.context = context;
    this.queue = createWorkQueue({ name: this.name, clock: context.clock, metrics: context.metrics });
    this.jobs = context.informers.for(jobs);
    this.pods = context.informers.for(pods);
    indexByController(this.pods);
    const enqueue = (pod: Pod): void => {
      if (isTracked(pod) && !this.ownerOf(pod)) this.queue.add(objectKey(pod));
    };
    this.pods.addHandler({ onAdd: enqueue, onUpdate: (_, pod) => enqueue(pod) });
    this.jobs.addHandler({
      onDelete: (job) => ownedBy(this.pods, job).forEach(enqueue),
    });
  }

  private ownerOf(pod: Pod): Job | undefined {
    const owner = controllerRefOf(pod);
    if (owner?.kind !== 'Job') return undefined;
    const job = this.jobs.lister.get(`${pod.metadata.namespace}/${owner.name}`);
    return job?.metadata.uid === owner.uid ? job : undefined;
  }

  async reconcile(key: string): Promise<ReconcileResult> {
    const pod = this.pods.lister.get(key);
    if (!pod || !isTracked(pod)) return;
    const job = this.ownerOf(pod);
    if (job && !isFinished(job)) return;
    const { name = '', namespace = '' } = pod.metadata;
    try {
      await this.context.client.resource(pods).patch(name, withoutTracking(pod), { namespace });
    } catch (error) {
      if (!isNotFound(error) && !isConflict(error)) throw error;
    }
  }
}
