import {
  type FieldError,
  type FieldPath,
  duplicate,
  invalidValue,
  notSupported,
  required,
  tooMany,
} from '@pilothouse/apimachinery';
import type { JobSpec, PodFailurePolicyRule, SuccessPolicyRule } from '@pilothouse/api';
import { IndexesError, parseIndexes } from './job-indexes.ts';

const MAX_RULES = 20;
const MAX_EXIT_CODES = 255;
const ACTIONS = ['Count', 'FailIndex', 'FailJob', 'Ignore'];

/** https://kubernetes.io/docs/concepts/workloads/controllers/job/#pod-failure-policy */
export function validateFailurePolicy(spec: JobSpec, path: FieldPath): FieldError[] {
  const rules = spec.podFailurePolicy?.rules ?? [];
  const errors: FieldError[] = [];
  if (rules.length > MAX_RULES) errors.push(tooMany(path.child('rules'), rules.length, MAX_RULES));
  const names = new Set(
    [...(spec.template.spec?.containers ?? []), ...(spec.template.spec?.initContainers ?? [])].map(({ name }) => name),
  );
  rules.forEach((rule, at) => errors.push(...validateRule(rule, spec, names, path.child('rules').index(at))));
  return errors;
}

function validateRule(
  rule: PodFailurePolicyRule,
  spec: JobSpec,
  names: ReadonlySet<string>,
  path: FieldPath,
): FieldError[] {
  const errors: FieldError[] = [];
  const field = path.child('action');
  if (!rule.action)
    errors.push(required(field, `valid values: ${ACTIONS.map((each) => JSON.stringify(each)).join(', ')}`));
  else if (!ACTIONS.includes(rule.action)) errors.push(notSupported(field, rule.action, ACTIONS));
  else if (rule.action === 'FailIndex' && spec.backoffLimitPerIndex === undefined)
    errors.push(invalidValue(field, rule.action, 'requires the backoffLimitPerIndex to be set'));
  if (rule.onExitCodes && rule.onPodConditions?.length) {
    errors.push(invalidValue(path, null, 'specifying both OnExitCodes and OnPodConditions is not supported'));
  } else if (!rule.onExitCodes && !rule.onPodConditions?.length) {
    errors.push(invalidValue(path, null, 'specifying one of OnExitCodes and OnPodConditions is required'));
  }
  if (rule.onExitCodes) errors.push(...validateExitCodes(rule.onExitCodes, names, path.child('onExitCodes')));
  rule.onPodConditions?.forEach((pattern, at) => {
    const here = path.child('onPodConditions').index(at);
    if (!pattern.type) errors.push(required(here.child('type')));
    if (!['True', 'False', 'Unknown'].includes(pattern.status))
      errors.push(notSupported(here.child('status'), pattern.status, ['False', 'True', 'Unknown']));
  });
  return errors;
}

function validateExitCodes(
  requirement: NonNullable<PodFailurePolicyRule['onExitCodes']>,
  names: ReadonlySet<string>,
  path: FieldPath,
): FieldError[] {
  const errors: FieldError[] = [];
  if (requirement.operator !== 'In' && requirement.operator !== 'NotIn')
    errors.push(notSupported(path.child('operator'), requirement.operator, ['In', 'NotIn']));
  if (requirement.containerName !== undefined && !names.has(requirement.containerName)) {
    errors.push(
      invalidValue(
        path.child('containerName'),
        requirement.containerName,
        'must be one of the container or initContainer names in the pod template',
      ),
    );
  }
  const values = requirement.values ?? [];
  const field = path.child('values');
  if (values.length === 0) errors.push(invalidValue(field, values, 'at least one value is required'));
  else if (values.length > MAX_EXIT_CODES) errors.push(tooMany(field, values.length, MAX_EXIT_CODES));
  values.forEach((value, at) => {
    if (requirement.operator === 'In' && value === 0)
      errors.push(invalidValue(field.index(at), value, 'must not be 0 for the In operator'));
    if (values.indexOf(value) < at) errors.push(duplicate(field.index(at), value));
  });
  if (values.some((value, at) => at > 0 && values[at - 1]! > value)) {
    errors.push(invalidValue(field, values, 'must be ordered'));
  }
  return errors;
}

/** https://kubernetes.io/docs/concepts/workloads/controllers/job/#success-policy */
export function validateSuccessPolicy(spec: JobSpec, path: FieldPath): FieldError[] {
  if (spec.completionMode !== 'Indexed')
    return [invalidValue(path, spec.successPolicy, 'requires indexed completion mode')];
  const rules = spec.successPolicy?.rules ?? [];
  const field = path.child('rules');
  if (rules.length === 0) return [required(field, 'at least one rules must be specified')];
  const errors: FieldError[] = rules.length > MAX_RULES ? [tooMany(field, rules.length, MAX_RULES)] : [];
  rules.forEach((rule, at) => {
    const here = field.index(at);
    if (rule.succeededCount === undefined && rule.succeededIndexes === undefined) {
      errors.push(required(here, 'at least one of succeededCount or succeededIndexes must be specified'));
    }
    if (rule.succeededCount !== undefined && rule.succeededCount < 0)
      errors.push(
        invalidValue(here.child('succeededCount'), rule.succeededCount, 'must be greater than or equal to 0'),
      );
    if (rule.succeededCount !== undefined && spec.completions !== undefined && rule.succeededCount > spec.completions) {
      errors.push(
        invalidValue(
          here.child('succeededCount'),
          rule.succeededCount,
          `must be less than or equal to ${spec.completions} (the number of specified completions)`,
        ),
      );
    }
    errors.push(...validateSucceededIndexes(rule, spec.completions ?? 0, here));
  });
  return errors;
}

function validateSucceededIndexes(
  { succeededIndexes, succeededCount }: SuccessPolicyRule,
  completions: number,
  path: FieldPath,
): FieldError[] {
  if (succeededIndexes === undefined) return [];
  try {
    const total = parseIndexes(succeededIndexes, completions);
    if (succeededCount === undefined || succeededCount <= total) return [];
    const why = `must be less than or equal to ${total} (the number of indexes in the specified succeededIndexes field)`;
    return [invalidValue(path.child('succeededCount'), succeededCount, why)];
  } catch (error) {
    if (!(error instanceof IndexesError)) throw error;
    const why = `error parsing succeededIndexes: ${error.message}`;
    return [invalidValue(path.child('succeededIndexes'), succeededIndexes, why)];
  }
}
