import {
  type FieldError,
  fieldPath,
  invalidValue,
  nameIsDNSSubdomain,
  notSupported,
  required,
} from '@pilothouse/apimachinery';
import type { CronJob, JobSpec } from '@pilothouse/api';
import { nonNegative, podNameWarnings } from '../apps/workload.ts';
import { keepStored } from '../core/keep-stored.ts';
import { defaultPodTemplateSpec, dropDisabledPodFields } from '../core/pod-spec/index.ts';
import type { KindBehaviour } from '../kind.ts';
import {
  ageCell,
  ageColumn,
  column,
  containerImagesCell,
  containerNamesCell,
  nameColumn,
  NONE,
  selectorCell,
  UNSET,
} from '../printing/index.ts';
import { scheduleProblem } from './cron-schedule.ts';
import { isKnownZone, isZoneName } from './time-zone.ts';
import { defaultFailurePolicy } from './job.ts';
import { jobSpecWarnings } from './job-warnings.ts';
import { validateTemplateJobSpec } from './validate-job-spec.ts';

const SPEC = fieldPath('spec');
const JOB_SPEC = SPEC.child('jobTemplate', 'spec');
/** Jobs are named `<name>-<minutes>`, eleven characters longer. */
const MAX_NAME_LENGTH = 52;
const CONCURRENCY_POLICIES = ['Allow', 'Forbid', 'Replace'];
const wide = { wide: true };

export const cronJob: KindBehaviour<CronJob> = {
  group: 'batch',
  kind: 'CronJob',
  defaults: ({ spec }) => {
    if (!spec) return;
    spec.concurrencyPolicy ||= 'Allow';
    spec.suspend ??= false;
    spec.successfulJobsHistoryLimit ??= 3;
    spec.failedJobsHistoryLimit ??= 1;
    if (!spec.jobTemplate?.spec) return;
    defaultFailurePolicy(spec.jobTemplate.spec);
    defaultPodTemplateSpec(spec.jobTemplate.spec.template);
  },
  columns: [
    nameColumn,
    column<CronJob>('Schedule', ({ spec }) => spec?.schedule ?? ''),
    column<CronJob>('Timezone', ({ spec }) => spec?.timeZone ?? NONE),
    column<CronJob>('Suspend', ({ spec }) => (spec?.suspend === undefined ? UNSET : spec.suspend ? 'True' : 'False'), {
      type: 'boolean',
    }),
    column<CronJob>('Active', ({ status }) => status?.active?.length ?? 0, { type: 'integer' }),
    column<CronJob>('Last Schedule', ({ status }, now) =>
      status?.lastScheduleTime ? ageCell(status.lastScheduleTime, now) : NONE,
    ),
    ageColumn,
    column<CronJob>(
      'Containers',
      ({ spec }) => containerNamesCell(spec?.jobTemplate?.spec?.template?.spec?.containers),
      wide,
    ),
    column<CronJob>(
      'Images',
      ({ spec }) => containerImagesCell(spec?.jobTemplate?.spec?.template?.spec?.containers),
      wide,
    ),
    column<CronJob>('Selector', ({ spec }) => selectorCell(spec?.jobTemplate?.spec?.selector), wide),
  ],
  strategy: {
    prepareForCreate: (each: CronJob) => {
      each.status = {};
      dropDisabledFields(each);
    },
    prepareForUpdate: (next: CronJob, old: CronJob) => {
      keepStored(next, old, 'status');
      dropDisabledFields(next, old);
    },
    validate: (each: CronJob) => [...validateSpec(each), ...validateNameLength(each)],
    validateUpdate: validateSpec,
    warnings: (each: CronJob, old: CronJob | undefined) => [
      ...podNameWarnings(each, old),
      ...(old && each.metadata.generation === old.metadata.generation
        ? []
        : jobSpecWarnings(each.spec.jobTemplate.spec!, JOB_SPEC)),
      // The path is upstream's.
      ...(namesZone(each.spec.schedule)
        ? [
            'cannot use TZ or CRON_TZ in spec.spec.schedule, use timeZone instead, see https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/ for more details',
          ]
        : []),
    ],
    validateName: (name, prefix) => nameIsDNSSubdomain(name, prefix),
    allowUnconditionalUpdate: true,
    tracksGeneration: true,
  },
  subresources: {
    status: {
      strategy: {
        prepareForUpdate: (next: CronJob, old: CronJob) => keepStored(next, old, 'spec'),
        validateUpdate: () => [],
      },
    },
  },
};

function validateNameLength({ metadata }: CronJob): FieldError[] {
  const name = metadata.name ?? '';
  return name.length > MAX_NAME_LENGTH
    ? [invalidValue(fieldPath('metadata', 'name'), name, `must be no more than ${MAX_NAME_LENGTH} characters`)]
    : [];
}

function dropDisabledFields({ spec }: CronJob, old?: CronJob): void {
  const pod = spec?.jobTemplate?.spec?.template?.spec;
  if (pod) dropDisabledPodFields(pod, old?.spec.jobTemplate.spec?.template.spec);
}

/** A time zone in the schedule itself, which `timeZone` has replaced. */
const namesZone = (schedule: string | undefined): boolean => schedule?.includes('TZ') ?? false;

function validateSpec({ spec }: CronJob, old?: CronJob): FieldError[] {
  const errors: FieldError[] = [];
  if (spec.schedule) errors.push(...validateSchedule(spec, namesZone(old?.spec.schedule)));
  else errors.push(required(SPEC.child('schedule')));
  errors.push(...nonNegative(spec.startingDeadlineSeconds, SPEC.child('startingDeadlineSeconds')));
  if (spec.timeZone !== undefined && spec.timeZone !== old?.spec.timeZone)
    errors.push(...validateTimeZone(spec.timeZone));
  if (!CONCURRENCY_POLICIES.includes(spec.concurrencyPolicy ?? ''))
    errors.push(notSupported(SPEC.child('concurrencyPolicy'), spec.concurrencyPolicy, CONCURRENCY_POLICIES));
  errors.push(
    ...validateJobTemplate(spec.jobTemplate.spec!),
    ...nonNegative(spec.successfulJobsHistoryLimit, SPEC.child('successfulJobsHistoryLimit')),
    ...nonNegative(spec.failedJobsHistoryLimit, SPEC.child('failedJobsHistoryLimit')),
  );
  return errors;
}

function validateSchedule({ schedule, timeZone }: CronJob['spec'], allowsZone: boolean): FieldError[] {
  const path = SPEC.child('schedule');
  const problem = scheduleProblem(schedule);
  const errors = problem ? [invalidValue(path, schedule, problem)] : [];
  if (namesZone(schedule) && (!allowsZone || timeZone !== undefined)) {
    const why = allowsZone
      ? 'cannot use both timeZone field and TZ or CRON_TZ in schedule'
      : 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead';
    errors.push(invalidValue(path, schedule, why));
  }
  return errors;
}

/** Each Job gets a selector of its own. */
function validateJobTemplate(spec: JobSpec): FieldError[] {
  const errors = validateTemplateJobSpec(spec, JOB_SPEC);
  if (spec.selector)
    errors.push(invalidValue(JOB_SPEC.child('selector'), spec.selector, '`selector` will be auto-generated'));
  if (spec.manualSelector) errors.push(notSupported(JOB_SPEC.child('manualSelector'), true, ['nil', 'false']));
  return errors;
}

function validateTimeZone(timeZone: string): FieldError[] {
  const complain = (problem: string): FieldError => invalidValue(SPEC.child('timeZone'), timeZone, problem);
  if (timeZone === '') return [complain('timeZone must be nil or non-empty string')];
  const unknown = complain(`unknown time zone ${timeZone}`);
  if (!isZoneName(timeZone)) return [unknown];
  if (timeZone.toLowerCase() === 'local') {
    const why = 'timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones';
    // Go knows only one spelling of it.
    return [complain(why), ...(timeZone === 'Local' ? [] : [unknown])];
  }
  return isKnownZone(timeZone) ? [] : [unknown];
}
