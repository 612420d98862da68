import { type FieldError, type FieldPath, invalidValue, required, tooLong, tooMany } from '@pilothouse/apimachinery';
import type { JobSpec, SuccessPolicyRule } from '@pilothouse/api';
import { nonNegative } from '../apps/workload.ts';
import { IndexesError, parseIndexes } from './job-indexes.ts';

const MAX_RULES = 20;
const MAX_INDEXES_LENGTH = 64 * 1024;

/** https://kubernetes.io/docs/concepts/workloads/controllers/job/#success-policy */
export function validateSuccessPolicy(spec: JobSpec, path: FieldPath): FieldError[] {
  const rules = spec.successPolicy?.rules ?? [];
  const field = path.child('rules');
  const errors: FieldError[] = [];
  if (rules.length === 0)
    errors.push(required(field, 'at least one rules must be specified when the successPolicy is specified'));
  if (rules.length > MAX_RULES) errors.push(tooMany(field, rules.length, MAX_RULES));
  rules.forEach((rule, at) => validateRule(rule, spec.completions ?? 0, field.index(at), errors));
  return errors;
}

function validateRule(
  { succeededIndexes, succeededCount }: SuccessPolicyRule,
  completions: number,
  path: FieldPath,
  errors: FieldError[],
): void {
  if (succeededCount === undefined && succeededIndexes === undefined)
    errors.push(required(path, 'at least one of succeededCount or succeededIndexes must be specified'));
  const total = validateIndexes(succeededIndexes, completions, path.child('succeededIndexes'), errors);
  if (succeededCount === undefined) return;
  const field = path.child('succeededCount');
  const atMost = (limit: number, what: string): void => {
    if (succeededCount > limit)
      errors.push(
        invalidValue(field, succeededCount, `must be less than or equal to ${limit} (the number of ${what})`),
      );
  };
  errors.push(...nonNegative(succeededCount, field));
  atMost(completions, 'specified completions');
  if (succeededIndexes !== undefined) atMost(total, 'indexes in the specified succeededIndexes field');
}

/** How many they are; none if they cannot be read. */
function validateIndexes(text: string | undefined, completions: number, path: FieldPath, errors: FieldError[]): number {
  if (text === undefined) return 0;
  if (text.length > MAX_INDEXES_LENGTH) errors.push(tooLong(path, MAX_INDEXES_LENGTH));
  try {
    return parseIndexes(text, completions);
  } catch (error) {
    if (!(error instanceof IndexesError)) throw error;
    errors.push(invalidValue(path, text, `error parsing succeededIndexes: ${error.message}`));
    return 0;
  }
}
