import {
  deepEqual,
  duplicate,
  fieldPath,
  invalidValue,
  OMIT_VALUE,
  required,
  type FieldError,
  type FieldPath,
} from '@pilothouse/apimachinery';
import type { Job, JobStatus } from '@pilothouse/api';
import { nonNegative } from '../apps/workload.ts';
import { IndexesError, parseIndexes } from './job-indexes.ts';

const STATUS = fieldPath('status');
const CONDITIONS = STATUS.child('conditions');
const COUNTS = ['active', 'succeeded', 'failed', 'ready', 'terminating'] as const;

/**
 * What a Job controller, ours or another that `managedBy` names, may write. What an older release let through stays
 * valid as long as it is not touched, so most rules look at what has changed. Upstream: pkg/registry/batch/job.
 */
export function validateJobStatusUpdate(next: Job, old: Job): FieldError[] {
  const status = next.status ?? {};
  const before = old.status ?? {};
  const changed = (name: keyof JobStatus): boolean => !deepEqual(status[name], before[name]);
  return [
    ...COUNTS.flatMap((name) => nonNegative(status[name], STATUS.child(name))),
    ...validateUncounted(status),
    ...(changed('conditions') ? validateConditions(status) : []),
    ...validateTimes(status, changed),
    ...(changed('conditions') && isFinished(status) ? validateFinished(status) : []),
    ...validateIndexes(next, changed),
    ...(changed('ready') && (status.ready ?? 0) > (status.active ?? 0) && !isFinished(status)
      ? [invalidValue(STATUS.child('ready'), status.ready, 'cannot set more ready pods than active')]
      : []),
    ...validateTransitions(next, status, before, changed),
  ];
}

type HasChanged = (name: keyof JobStatus) => boolean;

function validateUncounted({ uncountedTerminatedPods }: JobStatus): FieldError[] {
  const seen = new Set<string>();
  const errors: FieldError[] = [];
  for (const list of ['succeeded', 'failed'] as const) {
    uncountedTerminatedPods?.[list]?.forEach((uid, i) => {
      const path = STATUS.child('uncountedTerminatedPods', list).index(i);
      if (uid === '') errors.push(invalidValue(path, uid, 'must not be empty'));
      else if (seen.has(uid)) errors.push(duplicate(path, uid));
      seen.add(uid);
    });
  }
  return errors;
}

function validateConditions(status: JobStatus): FieldError[] {
  const refuse = (when: boolean, why: string): FieldError[] =>
    when ? [invalidValue(CONDITIONS, OMIT_VALUE, why)] : [];
  const [complete, failed] = [isTrue(status, 'Complete'), isTrue(status, 'Failed')];
  const [target, met] = [isTrue(status, 'FailureTarget'), isTrue(status, 'SuccessCriteriaMet')];
  return [
    ...refuse(complete && failed, 'cannot set Complete=True and Failed=true conditions'),
    ...refuse(complete && target, 'cannot set Complete=True and FailureTarget=true conditions'),
    ...refuse(failed && !target, 'cannot set Failed=True condition without the FailureTarget=true condition'),
    ...refuse(complete && !met, 'cannot set Complete=True condition without the SuccessCriteriaMet=true condition'),
    ...refuse(failed && met, 'cannot set Failed=True and SuccessCriteriaMet=true conditions'),
    ...refuse(target && met, 'cannot set FailureTarget=True and SuccessCriteriaMet=true conditions'),
  ];
}

function validateTimes(status: JobStatus, changed: HasChanged): FieldError[] {
  const { startTime, completionTime } = status;
  const path = STATUS.child('completionTime');
  const complete = isTrue(status, 'Complete');
  const touched = changed('conditions') || changed('completionTime');
  const errors: FieldError[] = [];
  if (touched && completionTime && !complete) {
    const why = 'cannot set completionTime when there is no Complete=True condition';
    errors.push(invalidValue(path, completionTime, why));
  }
  if (touched && !completionTime && complete) {
    errors.push(required(path, 'completionTime is required for Complete jobs'));
  }
  const isBefore = startTime && completionTime && Date.parse(completionTime) < Date.parse(startTime);
  if ((changed('startTime') || changed('completionTime')) && isBefore) {
    errors.push(invalidValue(path, completionTime, 'completionTime cannot be set before startTime'));
  }
  return errors;
}

function validateFinished(status: JobStatus): FieldError[] {
  const { active = 0, terminating = 0, startTime, uncountedTerminatedPods } = status;
  const uncounted = [...(uncountedTerminatedPods?.succeeded ?? []), ...(uncountedTerminatedPods?.failed ?? [])];
  const errors: FieldError[] = [];
  if (active > 0) errors.push(invalidValue(STATUS.child('active'), active, 'active>0 is invalid for finished job'));
  if (!startTime) errors.push(required(STATUS.child('startTime'), 'startTime is required for finished job'));
  if (uncounted.length > 0) {
    const why = 'uncountedTerminatedPods needs to be empty for finished job';
    errors.push(invalidValue(STATUS.child('uncountedTerminatedPods'), uncountedTerminatedPods, why));
  }
  if (terminating > 0) {
    errors.push(invalidValue(STATUS.child('terminating'), terminating, 'terminating>0 is invalid for finished job'));
  }
  return errors;
}

function validateIndexes({ spec, status = {} }: Job, changed: HasChanged): FieldError[] {
  const errors: FieldError[] = [];
  const isIndexed = spec.completionMode === 'Indexed';
  const { completedIndexes, failedIndexes } = status;
  const path = STATUS.child('completedIndexes');
  if (changed('completedIndexes') && completedIndexes) {
    if (isIndexed) errors.push(...validateFormat('completedIndexes', completedIndexes, spec.completions ?? 0, path));
    else {
      const why = 'cannot set non-empty completedIndexes when non-indexed completion mode';
      errors.push(invalidValue(path, completedIndexes, why));
    }
  }
  if (changed('failedIndexes') && failedIndexes !== undefined) {
    const field = STATUS.child('failedIndexes');
    if (spec.backoffLimitPerIndex === undefined) {
      const why = 'cannot set non-null failedIndexes when backoffLimitPerIndex is null';
      errors.push(invalidValue(field, failedIndexes, why));
    } else errors.push(...validateFormat('failedIndexes', failedIndexes, spec.completions ?? 0, field));
  }
  return errors;
}

function validateFormat(name: string, text: string, completions: number, path: FieldPath): FieldError[] {
  try {
    parseIndexes(text, completions);
    return [];
  } catch (error) {
    if (!(error instanceof IndexesError)) throw error;
    return [invalidValue(path, text, `error parsing ${name}: ${error.message}`)];
  }
}

function validateTransitions(job: Job, status: JobStatus, before: JobStatus, changed: HasChanged): FieldError[] {
  const errors: FieldError[] = [];
  for (const type of ['Failed', 'Complete', 'FailureTarget'] as const) {
    if (isTrue(before, type) && !isTrue(status, type)) {
      errors.push(invalidValue(CONDITIONS, OMIT_VALUE, `cannot disable the terminal ${type}=True condition`));
    }
  }
  for (const name of ['failed', 'succeeded'] as const) {
    if ((status[name] ?? 0) < (before[name] ?? 0)) {
      errors.push(invalidValue(STATUS.child(name), status[name] ?? 0, `cannot decrease the ${name} counter`));
    }
  }
  if (changed('startTime') && before.startTime && !job.spec.suspend) {
    const path = STATUS.child('startTime');
    errors.push(
      status.startTime
        ? invalidValue(path, status.startTime, 'startTime cannot be modified for unsuspended job')
        : required(path, 'startTime cannot be removed for unsuspended job'),
    );
  }
  return errors;
}

const isFinished = (status: JobStatus): boolean => isTrue(status, 'Complete') || isTrue(status, 'Failed');

function isTrue({ conditions = [] }: JobStatus, type: string): boolean {
  return conditions.some((condition) => condition.type === type && condition.status === 'True');
}
