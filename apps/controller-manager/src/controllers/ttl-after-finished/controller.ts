import { isNotFound, objectKey, splitObjectKey } from '@pilothouse/apimachinery';
import { type Job, jobs } from '@pilothouse/api';
import type { SharedInformer } from '@pilothouse/client';
import { type Controller, createWorkQueue, type ReconcileResult, type WorkQueue } from '@pilothouse/controller';
import type { ControllerContext } from '../../controller-context.ts';

/** Deletes finished Jobs after `ttlSecondsAfterFinished`. Mirrors pkg/controller/ttlafterfinished. */
export class TtlAfterFinishedController implements Controller {
  readonly name = 'ttl-after-finished-controller';
  readonly workers = 5;
  readonly queue: WorkQueue<string>;
  private readonly context: ControllerContext;
  private readonly jobs: SharedInformer<Job>;

  constructor(context: ControllerContext) {
    this.context = context;
    this.queue = createWorkQueue({ name: this.name, clock: context.clock, metrics: context.metrics });
    this.jobs = context.informers.for(jobs);
    const enqueue = (job: Job): void => {
      if (dueAtMs(job) !== undefined) this.queue.add(objectKey(job));
    };
    this.jobs.addHandler({ onAdd: enqueue, onUpdate: (_, job) => enqueue(job) });
  }

  async reconcile(key: string): Promise<ReconcileResult> {
    const cached = this.jobs.lister.get(key);
    const due = cached && dueAtMs(cached);
    if (due === undefined) return;
    const leftMs = due - this.context.clock.now().getTime();
    if (leftMs > 0) return { requeueAfterMs: leftMs };
    const { namespace, name } = splitObjectKey(key);
    const client = this.context.client.resource(jobs);
    try {
      // The time to live may have been changed a moment ago, and a deletion cannot be undone.
      const job = await client.get(name, { namespace });
      const now = dueAtMs(job);
      if (job.metadata.uid !== cached!.metadata.uid || now === undefined || now > this.context.clock.now().getTime())
        return;
      await client.delete(name, {
        namespace,
        propagationPolicy: 'Foreground',
        preconditions: { uid: job.metadata.uid ?? '' },
      });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
}

function dueAtMs(job: Job): number | undefined {
  const ttl = job.spec.ttlSecondsAfterFinished;
  if (ttl === undefined || job.metadata.deletionTimestamp) return undefined;
  const finished = job.status?.conditions?.find(
    (each) => (each.type === 'Complete' || each.type === 'Failed') && each.status === 'True',
  );
  return finished?.lastTransitionTime ? Date.parse(finished.lastTransitionTime) + ttl * 1000 : undefined;
}
