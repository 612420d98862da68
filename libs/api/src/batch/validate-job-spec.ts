import {
  type FieldError,
  type FieldPath,
  invalidValue,
  isDomainPrefixedPath,
  notSupported,
  required,
  tooLong,
  validateLabelSelector,
} from '@pilothouse/apimachinery';
import type { JobSpec } from '@pilothouse/api';
import { nonNegative, parseSelector } from '../apps/workload.ts';
import { validatePodTemplateSpec } from '../core/pod-spec/index.ts';
import { internalForm } from '../meta/internal-form.ts';
import { validateFailurePolicy } from './validate-failure-policy.ts';
import { validateSuccessPolicy } from './validate-success-policy.ts';

const MAX_MANAGED_BY_LENGTH = 63;
/** These keep the lists of indexes in the status short. */
const MAX_INDEXED_PARALLELISM = 100_000;
const MAX_FAILED_INDEXES = 100_000;
const MANY_COMPLETIONS = 100_000;
const MAX_OF_MANY_COMPLETIONS = 10_000;

/** The spec of a Job. Upstream: ValidateJobSpec. */
export function validateJobSpec(spec: JobSpec, path: FieldPath): FieldError[] {
  const errors = validateTemplateJobSpec(spec, path);
  if (spec.selector) errors.push(...validateLabelSelector(spec.selector, path.child('selector')));
  else errors.push(required(path.child('selector')));
  const labels = spec.template.metadata?.labels;
  if (parseSelector(spec.selector)?.matches(labels) === false) {
    const at = path.child('template', 'metadata', 'labels');
    errors.push(invalidValue(at, labels, '`selector` does not match template `labels`'));
  }
  return errors;
}

/** What holds for the Jobs that a CronJob makes, too: they have no selector yet. */
export function validateTemplateJobSpec(spec: JobSpec, path: FieldPath): FieldError[] {
  const errors: FieldError[] = [
    ...nonNegative(spec.parallelism, path.child('parallelism')),
    ...nonNegative(spec.completions, path.child('completions')),
    ...nonNegative(spec.activeDeadlineSeconds, path.child('activeDeadlineSeconds')),
    ...nonNegative(spec.backoffLimit, path.child('backoffLimit')),
    ...nonNegative(spec.ttlSecondsAfterFinished, path.child('ttlSecondsAfterFinished')),
    ...nonNegative(spec.backoffLimitPerIndex, path.child('backoffLimitPerIndex')),
    ...nonNegative(spec.maxFailedIndexes, path.child('maxFailedIndexes')),
  ];
  if (spec.maxFailedIndexes !== undefined && spec.backoffLimitPerIndex === undefined)
    errors.push(required(path.child('backoffLimitPerIndex'), 'when maxFailedIndexes is specified'));
  if (spec.managedBy !== undefined) {
    const field = path.child('managedBy');
    errors.push(...isDomainPrefixedPath(field, spec.managedBy));
    if (Buffer.byteLength(spec.managedBy) > MAX_MANAGED_BY_LENGTH) errors.push(tooLong(field, MAX_MANAGED_BY_LENGTH));
  }
  errors.push(...validateMode(spec, path));
  if (spec.podFailurePolicy) errors.push(...validateFailurePolicy(spec, path.child('podFailurePolicy')));
  if (spec.successPolicy) {
    const field = path.child('successPolicy');
    if (spec.completionMode === 'Indexed') errors.push(...validateSuccessPolicy(spec, field));
    else {
      const shown = internalForm('batch.v1.SuccessPolicy', spec.successPolicy);
      errors.push(invalidValue(field, shown, 'requires indexed completion mode'));
    }
  }
  errors.push(...validateReplacementPolicy(spec, path.child('podReplacementPolicy')));
  errors.push(...validatePodTemplateSpec(spec.template, path.child('template')));
  errors.push(...validateRestartPolicy(spec, path.child('template', 'spec', 'restartPolicy')));
  return errors;
}

function validateMode(spec: JobSpec, path: FieldPath): FieldError[] {
  const mode = spec.completionMode;
  if (mode === 'Indexed') return validateIndexed(spec, path);
  if (mode !== undefined && mode !== 'NonIndexed')
    return [notSupported(path.child('completionMode'), mode, ['NonIndexed', 'Indexed'])];
  return (['backoffLimitPerIndex', 'maxFailedIndexes'] as const).flatMap((name) =>
    spec[name] === undefined ? [] : [invalidValue(path.child(name), spec[name], 'requires indexed completion mode')],
  );
}

function validateIndexed(spec: JobSpec, path: FieldPath): FieldError[] {
  const errors: FieldError[] = [];
  const { completions, parallelism, maxFailedIndexes } = spec;
  const complain = (name: 'parallelism' | 'maxFailedIndexes', problem: string): void =>
    void errors.push(invalidValue(path.child(name), spec[name], problem));
  if (completions === undefined) errors.push(required(path.child('completions'), 'when completion mode is Indexed'));
  if (parallelism !== undefined && parallelism > MAX_INDEXED_PARALLELISM)
    complain('parallelism', `must be less than or equal to ${MAX_INDEXED_PARALLELISM} when completion mode is Indexed`);
  if (completions !== undefined && maxFailedIndexes !== undefined && maxFailedIndexes > completions)
    complain('maxFailedIndexes', 'must be less than or equal to completions');
  if (maxFailedIndexes !== undefined && maxFailedIndexes > MAX_FAILED_INDEXES)
    complain('maxFailedIndexes', `must be less than or equal to ${MAX_FAILED_INDEXES}`);
  if ((completions ?? 0) <= MANY_COMPLETIONS || spec.backoffLimitPerIndex === undefined) return errors;
  const limit = `must be less than or equal to ${MAX_OF_MANY_COMPLETIONS} when completions are above ${MANY_COMPLETIONS} and used with backoff limit per index`;
  if (maxFailedIndexes === undefined) {
    const why = `must be specified when completions is above ${MANY_COMPLETIONS}`;
    errors.push(required(path.child('maxFailedIndexes'), why));
  }
  if (parallelism !== undefined && parallelism > MAX_OF_MANY_COMPLETIONS) complain('parallelism', limit);
  if (maxFailedIndexes !== undefined && maxFailedIndexes > MAX_OF_MANY_COMPLETIONS) complain('maxFailedIndexes', limit);
  return errors;
}

function validateReplacementPolicy({ podReplacementPolicy: policy, podFailurePolicy }: JobSpec, path: FieldPath) {
  const valid = podFailurePolicy ? ['Failed'] : ['Failed', 'TerminatingOrFailed'];
  return policy === undefined || valid.includes(policy) ? [] : [notSupported(path, policy, valid)];
}

/** A pod template's default is to restart always, which a Job cannot want. */
function validateRestartPolicy({ template, podFailurePolicy }: JobSpec, path: FieldPath): FieldError[] {
  const policy = template.spec?.restartPolicy;
  if (!policy || policy === 'Always') return [required(path, 'valid values: "OnFailure", "Never"')];
  if (policy !== 'OnFailure' && policy !== 'Never') return [notSupported(path, policy, ['OnFailure', 'Never'])];
  if (policy === 'Never' || !podFailurePolicy) return [];
  return [invalidValue(path, policy, 'only "Never" is supported when podFailurePolicy is specified')];
}
