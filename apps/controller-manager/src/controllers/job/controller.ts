import { isConflict, isNotFound, objectKey, selectorFromLabelSelector } from '@pilothouse/apimachinery';
import { type Job, jobs, type Pod, pods } from '@pilothouse/api';
import type { EventRecorder, SharedInformer } from '@pilothouse/client';
import {
  type Controller,
  createWorkQueue,
  type ReconcileResult,
  slowStartBatch,
  UidTrackingExpectations,
  type WorkQueue,
} from '@pilothouse/controller';
import type { ControllerContext } from '../../controller-context.ts';
import { claimOwned } from '../claim-owned.ts';
import { followOwnedPods } from '../follow-owned-pods.ts';
import { PodControl } from '../pod-control.ts';
import { indexByController } from '../pod-index.ts';
import { rethrowFirst } from '../rethrow-first.ts';
import { updateStatus } from '../update-status.ts';
import { account } from './accounting.ts';
import {
  activePods,
  isFinished,
  judgeJob,
  type NextPod,
  planPods,
  planStatus,
  standingVerdict,
  type Verdict,
} from './plan.ts';
import { isTracked, newPod, withoutTracking } from './pod.ts';

const MANAGED_BY = 'kubernetes.io/job-controller';

/** Runs pods until enough of them have succeeded. Mirrors pkg/controller/job. */
export class JobController implements Controller {
  readonly name = 'job-controller';
  readonly workers = 5;
  readonly queue: WorkQueue<string>;
  private readonly context: ControllerContext;
  private readonly recorder: EventRecorder;
  private readonly podControl: PodControl;
  private readonly jobs: SharedInformer<Job>;
  private readonly pods: SharedInformer<Pod>;
  private readonly expectations: UidTrackingExpectations;

  constructor(context: ControllerContext) {
    this.context = context;
    this.queue = createWorkQueue({ name: this.name, clock: context.clock, metrics: context.metrics });
    this.expectations = new UidTrackingExpectations(context.clock);
    this.recorder = context.recorder(this.name);
    this.podControl = new PodControl(context.client, this.recorder);
    this.jobs = context.informers.for(jobs);
    this.pods = context.informers.for(pods);
    indexByController(this.pods);
    const enqueue = (job: Job): void => this.queue.add(objectKey(job));
    this.jobs.addHandler({
      onAdd: enqueue,
      onUpdate: (_, job) => enqueue(job),
      onDelete: (job) => {
        this.expectations.forget(objectKey(job));
        enqueue(job);
      },
    });
    followOwnedPods(this.pods, {
      kind: 'Job',
      owners: this.jobs,
      selectorOf: ({ spec }) => selectorFromLabelSelector(spec.selector),
      expectations: this.expectations,
      queue: this.queue,
    });
  }

  async reconcile(key: string): Promise<ReconcileResult> {
    const job = this.jobs.lister.get(key);
    if (!job) {
      this.expectations.forget(key);
      return;
    }
    if (job.spec.managedBy && job.spec.managedBy !== MANAGED_BY) return;
    const owned = await this.claim(job);
    if (isFinished(job) || job.metadata.deletionTimestamp) {
      await Promise.all(owned.filter(isTracked).map((pod) => this.release(pod)));
      return;
    }
    const now = this.context.clock.now();
    const standing = standingVerdict(job);
    const accounting = account(job, owned, standing !== undefined);
    const verdict = standing ?? judgeJob(job, accounting, activePods(job, owned), now);
    let waitMs = 0;
    const failures: unknown[] = [];
    if (verdict) {
      await this.deletePods(key, job, activePods(job, owned));
    } else if (this.expectations.satisfied(key)) {
      const plan = planPods(job, accounting, owned, now);
      waitMs = plan.waitMs;
      try {
        await this.deletePods(key, job, plan.delete);
        await this.createPods(key, job, plan.create);
      } catch (error) {
        failures.push(error);
      }
    }
    // The status must be written before the finalizers go: what is in neither would be lost.
    const status = planStatus(job, accounting, owned, verdict, now);
    // A stale cache must not write over counts that it has not seen: the pods behind them may be gone already.
    await updateStatus(this.context.client, jobs, job, status, { overwrite: false });
    this.tell(job, status, verdict);
    await Promise.all(accounting.release.map((pod) => this.release(pod)));
    rethrowFirst(failures);
    return this.comeBack(job, waitMs, now);
  }

  private comeBack(job: Job, waitMs: number, now: Date): ReconcileResult {
    const { activeDeadlineSeconds } = job.spec;
    const started = Date.parse(job.status?.startTime ?? now.toISOString());
    const untilDeadline =
      activeDeadlineSeconds === undefined ? Infinity : started + activeDeadlineSeconds * 1000 - now.getTime();
    const next = Math.min(waitMs > 0 ? waitMs : Infinity, untilDeadline > 0 ? untilDeadline + 10 : Infinity);
    if (next !== Infinity) return { requeueAfterMs: next };
  }

  private claim(job: Job): Promise<Pod[]> {
    const owner = { ref: jobs, object: job, selector: selectorFromLabelSelector(job.spec.selector) };
    return claimOwned(this.context.client, pods, this.pods, owner);
  }

  private async createPods(key: string, job: Job, wanted: readonly NextPod[]): Promise<void> {
    if (wanted.length === 0) return;
    this.expectations.expectCreations(key, wanted.length);
    const { successes, error } = await slowStartBatch(wanted.length, 1, async (at) => {
      await this.podControl.create(newPod(job, wanted[at]!.index, wanted[at]!.failures), job);
    });
    for (let skipped = successes; skipped < wanted.length; skipped++) this.expectations.creationObserved(key);
    rethrowFirst(error === undefined ? [] : [error]);
  }

  private async deletePods(key: string, job: Job, victims: readonly Pod[]): Promise<void> {
    if (victims.length === 0) return;
    this.expectations.expectDeletions(key, victims.map(objectKey));
    await Promise.all(
      victims.map(async (pod) => {
        try {
          await this.podControl.delete(pod, job);
        } catch (error) {
          this.expectations.deletionObserved(key, objectKey(pod));
          throw error;
        }
      }),
    );
  }

  private async release(pod: Pod): Promise<void> {
    const { name = '', namespace = '' } = pod.metadata;
    try {
      await this.context.client.resource(pods).patch(name, withoutTracking(pod), { namespace });
    } catch (error) {
      if (!isNotFound(error) && !isConflict(error)) throw error;
    }
  }

  private tell(job: Job, status: NonNullable<Job['status']>, verdict: Verdict | undefined): void {
    const had = (type: string): boolean =>
      job.status?.conditions?.some((each) => each.type === type && each.status === 'True') === true;
    const has = (type: string): boolean =>
      status.conditions?.some((each) => each.type === type && each.status === 'True') === true;
    if (verdict && has(verdict.type) && !had(verdict.type)) {
      if (verdict.type === 'Complete') this.recorder.event(job, 'Normal', 'Completed', 'Job completed');
      else this.recorder.event(job, 'Warning', verdict.reason, verdict.message);
    }
    if (has('Suspended') && !had('Suspended')) this.recorder.event(job, 'Normal', 'Suspended', 'Job suspended');
    if (!has('Suspended') && had('Suspended')) this.recorder.event(job, 'Normal', 'Resumed', 'Job resumed');
  }
}
