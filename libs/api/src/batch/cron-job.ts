import {
  type FieldError,
  fieldPath,
  invalidValue,
  nameIsDNSSubdomain,
  notSupported,
  required,
} from '@pilothouse/apimachinery';
import type { CronJob } from '@pilothouse/api';
import { nonNegative } from '../apps/workload.ts';
import { keepStored } from '../core/keep-stored.ts';
import { defaultPodTemplateSpec, warningsForPodTemplate } from '../core/pod-spec/index.ts';
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
import { validateJobSpec } from './job.ts';

const SPEC = fieldPath('spec');
const JOB_SPEC = SPEC.child('jobTemplate', 'spec');
/** Jobs are named `<name>-<minutes>`, eleven characters longer. */
const MAX_NAME_LENGTH = 52;
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
    if (spec.jobTemplate?.spec) defaultPodTemplateSpec(spec.jobTemplate.spec.template);
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
    },
    prepareForUpdate: (next: CronJob, old: CronJob) => keepStored(next, old, 'status'),
    validate: (each: CronJob) => [...validateNameLength(each), ...validateSpec(each, true, false)],
    validateUpdate: (next: CronJob, old: CronJob) =>
      validateSpec(
        next,
        next.spec.schedule !== old.spec.schedule || next.spec.timeZone !== old.spec.timeZone,
        namesZone(old.spec.schedule),
      ),
    warnings: (each: CronJob) => [
      ...(namesZone(each.spec?.schedule ?? '')
        ? [
            'spec.schedule: TZ or CRON_TZ used in schedule is not officially supported, see https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/ for more details',
          ]
        : []),
      ...(each.spec?.jobTemplate?.spec
        ? warningsForPodTemplate(each.spec.jobTemplate.spec.template, JOB_SPEC.child('template'))
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

/** A time zone in the schedule itself, which `timeZone` has replaced. */
const namesZone = (schedule: string): boolean => schedule.includes('TZ');

function validateSpec({ spec }: CronJob, scheduleChanged: boolean, allowsZone: boolean): FieldError[] {
  const errors: FieldError[] = [];
  const schedule = SPEC.child('schedule');
  if (!spec.schedule) errors.push(required(schedule));
  else if (scheduleChanged) {
    const problem = scheduleProblem(spec.schedule);
    if (problem) errors.push(invalidValue(schedule, spec.schedule, problem));
    if (namesZone(spec.schedule) && (!allowsZone || spec.timeZone !== undefined)) {
      const why = allowsZone
        ? 'cannot use both timeZone field and TZ or CRON_TZ in schedule'
        : 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead';
      errors.push(invalidValue(schedule, spec.schedule, why));
    }
  }
  if (spec.timeZone !== undefined && scheduleChanged) errors.push(...validateTimeZone(spec.timeZone));
  errors.push(...nonNegative(spec.startingDeadlineSeconds, SPEC.child('startingDeadlineSeconds')));
  if (!['Allow', 'Forbid', 'Replace'].includes(spec.concurrencyPolicy ?? '')) {
    const path = SPEC.child('concurrencyPolicy');
    errors.push(
      spec.concurrencyPolicy
        ? notSupported(path, spec.concurrencyPolicy, ['Allow', 'Forbid', 'Replace'])
        : required(path),
    );
  }
  if (spec.jobTemplate.spec?.manualSelector)
    errors.push(notSupported(JOB_SPEC.child('manualSelector'), true, ['nil', 'false']));
  if (spec.jobTemplate.spec) errors.push(...validateJobSpec(spec.jobTemplate.spec, JOB_SPEC, { isTemplate: true }));
  errors.push(...nonNegative(spec.successfulJobsHistoryLimit, SPEC.child('successfulJobsHistoryLimit')));
  errors.push(...nonNegative(spec.failedJobsHistoryLimit, SPEC.child('failedJobsHistoryLimit')));
  return errors;
}

function validateTimeZone(timeZone: string): FieldError[] {
  const path = SPEC.child('timeZone');
  if (timeZone === '') return [invalidValue(path, timeZone, 'timeZone must be nil or non-empty string')];
  if (timeZone.toLowerCase() === 'local')
    return [
      invalidValue(
        path,
        timeZone,
        'timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones',
      ),
    ];
  try {
    new Intl.DateTimeFormat('en', { timeZone });
    return [];
  } catch {
    return [invalidValue(path, timeZone, `unknown time zone ${timeZone}`)];
  }
}
