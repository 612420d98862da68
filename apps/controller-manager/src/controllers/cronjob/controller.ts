import { controllerRefOf, isAlreadyExists, isNotFound, newControllerRef, objectKey } from '@pilothouse/apimachinery';
import { type CronJob, cronjobs, type CronJobStatus, type Job, jobs, type ObjectReference } from '@pilothouse/api';
import type { EventRecorder, SharedInformer } from '@pilothouse/client';
import {
  type Controller,
  createWorkQueue,
  isControlledBy,
  type ReconcileResult,
  type WorkQueue,
} from '@pilothouse/controller';
import type { ControllerContext } from '../../controller-context.ts';
import { formatTime } from '../conditions.ts';
import { isNamespaceTerminating, messageOf } from '../pod-control.ts';
import { indexByController, ownedBy } from '../pod-index.ts';
import { updateStatus } from '../update-status.ts';
import {
  finishedType,
  formatTimeIn,
  isTimeZone,
  jobNameFor,
  latestMissed,
  parseSchedule,
  planHistory,
  zoneOf,
} from './plan.ts';

/** A little later than the minute, so that the start is surely due. */
const START_DELAY_MS = 100;

/** Starts Jobs by the clock. Mirrors pkg/controller/cronjob. */
export class CronJobController implements Controller {
  readonly name = 'cronjob-controller';
  readonly workers = 5;
  readonly queue: WorkQueue<string>;
  private readonly context: ControllerContext;
  private readonly recorder: EventRecorder;
  private readonly cronJobs: SharedInformer<CronJob>;
  private readonly jobs: SharedInformer<Job>;

  constructor(context: ControllerContext) {
    this.context = context;
    this.queue = createWorkQueue({ name: this.name, clock: context.clock, metrics: context.metrics });
    this.recorder = context.recorder(this.name);
    this.cronJobs = context.informers.for(cronjobs);
    this.jobs = context.informers.for(jobs);
    indexByController(this.jobs);
    const enqueue = (cronJob: CronJob): void => this.queue.add(objectKey(cronJob));
    const jobSeen = (job: Job): void => {
      const owner = controllerRefOf(job);
      if (owner?.kind === 'CronJob') this.queue.add(`${job.metadata.namespace}/${owner.name}`);
    };
    this.cronJobs.addHandler({ onAdd: enqueue, onUpdate: (_, cronJob) => enqueue(cronJob), onDelete: enqueue });
    this.jobs.addHandler({ onAdd: jobSeen, onUpdate: (_, job) => jobSeen(job), onDelete: jobSeen });
  }

  async reconcile(key: string): Promise<ReconcileResult> {
    const cronJob = this.cronJobs.lister.get(key);
    if (!cronJob || cronJob.metadata.deletionTimestamp) return;
    const owned = ownedBy(this.jobs, cronJob);
    await Promise.all(planHistory(cronJob, owned).map((job) => this.deleteJob(job, cronJob)));
    const { status, requeueAfterMs } = await this.start(cronJob, owned);
    await updateStatus(this.context.client, cronjobs, cronJob, status);
    if (requeueAfterMs !== undefined) return { requeueAfterMs };
  }

  private async noteFinished(cronJob: CronJob, owned: readonly Job[]): Promise<CronJobStatus> {
    const active = await this.unseenActive(cronJob, owned);
    let lastSuccessfulTime = cronJob.status?.lastSuccessfulTime;
    for (const job of owned) {
      const type = finishedType(job);
      const wasActive = isActiveIn(cronJob, job);
      if (type === undefined) {
        if (wasActive || (await this.isKnown(cronJob, job))) active.push(referenceTo(job));
      } else if (wasActive) {
        const message = `Saw completed job: ${job.metadata.name}, condition: ${type}`;
        this.recorder.event(cronJob, 'Normal', 'SawCompletedJob', message);
      }
      const completed = job.status?.completionTime;
      if (type === 'Complete' && completed && completed > (lastSuccessfulTime ?? '')) lastSuccessfulTime = completed;
    }
    const { lastScheduleTime } = cronJob.status ?? {};
    return {
      ...(active.length ? { active } : {}),
      ...(lastScheduleTime ? { lastScheduleTime } : {}),
      ...(lastSuccessfulTime ? { lastSuccessfulTime } : {}),
    };
  }

  /**
   * Whether a job that runs was started here, though the cached status does not have it yet. One that somebody else
   * made in this CronJob's name (`kubectl create job --from`) does not count as active, as upstream.
   */
  private async isKnown(cronJob: CronJob, job: Job): Promise<boolean> {
    const { name = '', namespace = '' } = cronJob.metadata;
    if (isActiveIn(await this.context.client.resource(cronjobs).get(name, { namespace }), job)) return true;
    const message = `Saw a job that the controller did not create or forgot: ${job.metadata.name}`;
    this.recorder.event(cronJob, 'Warning', 'UnexpectedJob', message);
    return false;
  }

  /** Jobs said to be active that the cache does not have: those that it has not seen yet stay. */
  private async unseenActive(cronJob: CronJob, owned: readonly Job[]): Promise<ObjectReference[]> {
    const unseen: ObjectReference[] = [];
    for (const reference of cronJob.status?.active ?? []) {
      if (owned.some((job) => job.metadata.uid === reference.uid)) continue;
      const { name = '', namespace = '' } = reference;
      try {
        const job = await this.context.client.resource(jobs).get(name, { namespace });
        if (job.metadata.uid === reference.uid) {
          if (finishedType(job) === undefined) unseen.push(reference);
          continue;
        }
      } catch (error) {
        if (!isNotFound(error)) throw error;
      }
      this.recorder.event(cronJob, 'Normal', 'MissingJob', `Active job went missing: ${name}`);
    }
    return unseen;
  }

  private async start(
    cronJob: CronJob,
    owned: readonly Job[],
  ): Promise<{ status: CronJobStatus; requeueAfterMs?: number }> {
    const status = await this.noteFinished(cronJob, owned);
    if (cronJob.spec.suspend) return { status };
    if (!this.checkZone(cronJob)) return { status };
    const now = this.context.clock.now();
    let missed;
    try {
      missed = latestMissed(cronJob, now);
    } catch (error) {
      this.recorder.event(
        cronJob,
        'Warning',
        'UnparseableSchedule',
        `unparseable schedule: "${cronJob.spec.schedule}" : ${messageOf(error)}`,
      );
      return { status };
    }
    if (missed.tooMany) {
      this.recorder.event(
        cronJob,
        'Warning',
        'TooManyMissedTimes',
        'too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew',
      );
    }
    const next = parseSchedule(cronJob).next(now);
    const later = next ? { requeueAfterMs: next.getTime() - now.getTime() + START_DELAY_MS } : {};
    if (!missed.time) return { status, ...later };
    const deadline = cronJob.spec.startingDeadlineSeconds;
    if (deadline !== undefined && missed.time.getTime() + deadline * 1000 < now.getTime()) {
      this.recorder.event(
        cronJob,
        'Warning',
        'MissSchedule',
        `Missed scheduled time to start a job: ${missed.time.toUTCString().replace('GMT', '+0000')}`,
      );
      return { status, ...later };
    }
    return { status: await this.startJob(cronJob, owned, status, missed.time), ...later };
  }

  /** Says what is wrong with the time zone; false when there is no such zone. */
  private checkZone(cronJob: CronJob): boolean {
    const { schedule, timeZone } = cronJob.spec;
    if (schedule.includes('TZ')) {
      const message = `CRON_TZ or TZ used in schedule "${schedule}" is not officially supported, see https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/ for more details`;
      this.recorder.event(cronJob, 'Warning', 'UnsupportedSchedule', message);
    }
    if (timeZone === undefined || isTimeZone(timeZone)) return true;
    const message = `invalid timeZone: "${timeZone}": unknown time zone ${timeZone}`;
    this.recorder.event(cronJob, 'Warning', 'UnknownTimeZone', message);
    return false;
  }

  private async startJob(
    cronJob: CronJob,
    owned: readonly Job[],
    status: CronJobStatus,
    time: Date,
  ): Promise<CronJobStatus> {
    const name = jobNameFor(cronJob, time);
    // Made before, by a reconcile whose status was not written.
    const made = owned.find(({ metadata }) => metadata.name === name);
    if (made) return startedStatus(status, made, time);
    let active = status.active ?? [];
    if (active.length > 0 && cronJob.spec.concurrencyPolicy === 'Forbid') {
      this.recorder.event(
        cronJob,
        'Normal',
        'JobAlreadyActive',
        'Not starting job because prior execution is running and concurrency policy is Forbid',
      );
      return status;
    }
    if (cronJob.spec.concurrencyPolicy === 'Replace') {
      for (const job of owned.filter(({ metadata }) => active.some(({ uid }) => uid === metadata.uid)))
        await this.deleteJob(job, cronJob);
      active = [];
    }
    const { namespace = '' } = cronJob.metadata;
    const template = cronJob.spec.jobTemplate;
    const job: Job = {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: {
        name,
        namespace,
        ...(template.metadata?.labels ? { labels: { ...template.metadata.labels } } : {}),
        annotations: {
          ...template.metadata?.annotations,
          'batch.kubernetes.io/cronjob-scheduled-timestamp': formatTimeIn(zoneOf(cronJob), time),
        },
        ownerReferences: [newControllerRef(cronJob)],
      },
      spec: structuredClone(template.spec!),
    };
    try {
      const created = await this.context.client.resource(jobs).create(job, { namespace });
      this.recorder.event(cronJob, 'Normal', 'SuccessfulCreate', `Created job ${name}`);
      return startedStatus({ ...status, active }, created, time);
    } catch (error) {
      if (isNamespaceTerminating(error)) return status;
      if (isAlreadyExists(error)) {
        const existing = await this.context.client.resource(jobs).get(name, { namespace });
        return startedStatus(status, isControlledBy(existing, cronJob) ? existing : undefined, time);
      }
      this.recorder.event(cronJob, 'Warning', 'FailedCreate', `Error creating job: ${messageOf(error)}`);
      throw error;
    }
  }

  private async deleteJob(job: Job, cronJob: CronJob): Promise<void> {
    const { name = '', namespace = '' } = job.metadata;
    try {
      await this.context.client.resource(jobs).delete(name, { namespace, propagationPolicy: 'Background' });
      this.recorder.event(cronJob, 'Normal', 'SuccessfulDelete', `Deleted job ${name}`);
    } catch (error) {
      if (isNotFound(error)) return;
      this.recorder.event(cronJob, 'Warning', 'FailedDelete', `Deleted job: ${messageOf(error)}`);
      throw error;
    }
  }
}

function referenceTo(job: Job): ObjectReference {
  const { name = '', namespace = '', uid = '', resourceVersion = '' } = job.metadata;
  return { kind: 'Job', namespace, name, uid, apiVersion: 'batch/v1', resourceVersion };
}

function startedStatus(status: CronJobStatus, job: Job | undefined, time: Date): CronJobStatus {
  const active = status.active ?? [];
  const isListed = !job || finishedType(job) !== undefined || active.some(({ uid }) => uid === job.metadata.uid);
  const next = isListed ? active : [...active, referenceTo(job)];
  return { ...status, ...(next.length ? { active: next } : {}), lastScheduleTime: formatTime(time) };
}

function isActiveIn({ status }: CronJob, { metadata }: Job): boolean {
  return status?.active?.some(({ uid }) => uid === metadata.uid) === true;
}
