import {
  deepEqual,
  duplicate,
  fieldPath,
  invalidValue,
  OMIT_VALUE,
  required,
  type FieldError,
} from '@pilothouse/apimachinery';
import type { Job, JobStatus } from '@pilothouse/api';
import { nonNegative } from '../apps/workload.ts';
import { internalForm } from '../meta/internal-form.ts';
import type { HasChanged } from './has-changed.ts';
import { validateStatusIndexes } from './validate-status-indexes.ts';
import { isFinished, isTrue, type JobConditionType } from './job-conditions.ts';

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
  const changed: HasChanged = (...what) =>
    what.some((each) => {
      if (each === 'Finished') return isFinished(status) !== isFinished(before);
      if (/^[A-Z]/.test(each))
        return isTrue(status, each as JobConditionType) !== isTrue(before, each as JobConditionType);
      return !deepEqual(status[each as keyof JobStatus], before[each as keyof JobStatus]);
    });
  return [
    ...COUNTS.flatMap((name) => nonNegative(status[name], STATUS.child(name))),
    ...validateUncounted(status),
    ...validateComplete(status, changed),
    ...validateReasons(status, changed),
    ...validateFinished(status, changed),
    ...validateStatusIndexes(next, changed),
    ...validateRunningPods(status, changed),
    ...validateSuccess(next, status),
    ...validateTransitions(next, status, before),
  ];
}

const refuseConditions = (when: boolean, why: string): FieldError[] =>
  when ? [invalidValue(CONDITIONS, OMIT_VALUE, why)] : [];

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

function validateComplete(status: JobStatus, changed: HasChanged): FieldError[] {
  const { startTime, completionTime } = status;
  const path = STATUS.child('completionTime');
  const complete = isTrue(status, 'Complete');
  const errors = [
    ...refuseConditions(
      changed('Complete', 'Failed') && complete && isTrue(status, 'Failed'),
      'cannot set Complete=True and Failed=true conditions',
    ),
    ...refuseConditions(
      changed('Complete', 'FailureTarget') && complete && isTrue(status, 'FailureTarget'),
      'cannot set Complete=True and FailureTarget=true conditions',
    ),
  ];
  if (changed('Complete', 'completionTime') && completionTime && !complete) {
    const why = 'cannot set completionTime when there is no Complete=True condition';
    errors.push(invalidValue(path, completionTime, why));
  }
  if (changed('Complete', 'completionTime') && !completionTime && complete) {
    errors.push(required(path, 'completionTime is required for Complete jobs'));
  }
  const isBefore = startTime && completionTime && Date.parse(completionTime) < Date.parse(startTime);
  if (changed('startTime', 'completionTime') && isBefore) {
    errors.push(invalidValue(path, completionTime, 'completionTime cannot be set before startTime'));
  }
  return errors;
}

/** A Job says why it ends before it has ended: its pods may still be terminating. */
function validateReasons(status: JobStatus, changed: HasChanged): FieldError[] {
  return [
    ...refuseConditions(
      changed('Failed', 'FailureTarget') && isTrue(status, 'Failed') && !isTrue(status, 'FailureTarget'),
      'cannot set Failed=True condition without the FailureTarget=true condition',
    ),
    ...refuseConditions(
      changed('Complete', 'SuccessCriteriaMet') && isTrue(status, 'Complete') && !isTrue(status, 'SuccessCriteriaMet'),
      'cannot set Complete=True condition without the SuccessCriteriaMet=true condition',
    ),
  ];
}

function validateFinished(status: JobStatus, changed: HasChanged): FieldError[] {
  if (!isFinished(status)) return [];
  const { active = 0, startTime, uncountedTerminatedPods: uncounted } = status;
  const errors: FieldError[] = [];
  if (changed('Finished', 'active') && active > 0)
    errors.push(invalidValue(STATUS.child('active'), active, 'active>0 is invalid for finished job'));
  if (changed('Finished', 'startTime') && !startTime)
    errors.push(required(STATUS.child('startTime'), 'startTime is required for finished job'));
  const hasUncounted = [...(uncounted?.succeeded ?? []), ...(uncounted?.failed ?? [])].length > 0;
  if (changed('Finished', 'uncountedTerminatedPods') && hasUncounted) {
    const why = 'uncountedTerminatedPods needs to be empty for finished job';
    const shown = internalForm('batch.v1.UncountedTerminatedPods', uncounted);
    errors.push(invalidValue(STATUS.child('uncountedTerminatedPods'), shown, why));
  }
  return errors;
}

function validateRunningPods(status: JobStatus, changed: HasChanged): FieldError[] {
  const { active = 0, ready = 0, terminating = 0 } = status;
  const errors: FieldError[] = [];
  if (changed('Finished', 'terminating') && terminating > 0 && isFinished(status))
    errors.push(invalidValue(STATUS.child('terminating'), terminating, 'terminating>0 is invalid for finished job'));
  if (changed('ready', 'active') && status.ready !== undefined && ready > active)
    errors.push(invalidValue(STATUS.child('ready'), ready, 'cannot set more ready pods than active'));
  return errors;
}

function validateSuccess({ spec }: Job, status: JobStatus): FieldError[] {
  const met = isTrue(status, 'SuccessCriteriaMet');
  return [
    ...refuseConditions(
      met && isTrue(status, 'Failed'),
      'cannot set SuccessCriteriaMet=True and Failed=true conditions',
    ),
    ...refuseConditions(
      met && isTrue(status, 'FailureTarget'),
      'cannot set SuccessCriteriaMet=True and FailureTarget=true conditions',
    ),
    ...refuseConditions(
      spec.successPolicy !== undefined && !met && isTrue(status, 'Complete'),
      'cannot set Complete=True for Job with SuccessPolicy unless SuccessCriteriaMet=True',
    ),
  ];
}

function validateTransitions({ spec }: Job, status: JobStatus, before: JobStatus): FieldError[] {
  const errors: FieldError[] = [];
  for (const type of ['Failed', 'Complete', 'FailureTarget'] as const) {
    const isDisabled = isTrue(before, type) && !isTrue(status, type);
    errors.push(...refuseConditions(isDisabled, `cannot disable the terminal ${type}=True condition`));
  }
  // An Indexed Job that is scaled down forgets what the indexes beyond did.
  const canShrink = spec.completionMode === 'Indexed' && spec.completions === spec.parallelism;
  for (const name of canShrink ? (['failed'] as const) : (['failed', 'succeeded'] as const)) {
    if ((status[name] ?? 0) < (before[name] ?? 0))
      errors.push(invalidValue(STATUS.child(name), status[name] ?? 0, `cannot decrease the ${name} counter`));
  }
  const { completionTime, startTime } = status;
  if (completionTime && before.completionTime && completionTime !== before.completionTime)
    errors.push(invalidValue(STATUS.child('completionTime'), completionTime, 'completionTime cannot be mutated'));
  if (before.startTime && startTime !== before.startTime && !spec.suspend)
    errors.push(required(STATUS.child('startTime'), 'startTime cannot be removed for unsuspended job'));
  const [met, wasMet] = [isTrue(status, 'SuccessCriteriaMet'), isTrue(before, 'SuccessCriteriaMet')];
  return [
    ...errors,
    ...refuseConditions(wasMet && !met, 'cannot disable the SuccessCriteriaMet=True condition'),
    ...refuseConditions(
      isTrue(before, 'Complete') && !wasMet && met,
      'cannot set SuccessCriteriaMet=True for Job already has Complete=true conditions',
    ),
  ];
}
