import {
  duplicate,
  type FieldError,
  type FieldPath,
  invalidValue,
  isQualifiedName,
  required,
  tooMany,
} from '@pilothouse/apimachinery';
import type { MatchCondition, PolicyExpressionChecks } from '@pilothouse/api';
import { pushInvalid } from '../core/validation/push-invalid.ts';

const MAX_CONDITIONS = 64;

/** Expressions that must all hold for a webhook or policy to be asked. */
export function validateMatchConditions(
  conditions: readonly MatchCondition[] | undefined,
  path: FieldPath,
  errors: FieldError[],
  checks?: PolicyExpressionChecks,
): void {
  if (!conditions) return;
  if (conditions.length > MAX_CONDITIONS) errors.push(tooMany(path, conditions.length, MAX_CONDITIONS));
  const names = new Set<string>();
  conditions.forEach(({ name, expression }, index) => {
    const at = path.index(index);
    const text = expression?.trim();
    const problem = text ? checks?.condition(text) : undefined;
    if (!text) errors.push(required(at.child('expression')));
    else if (problem !== undefined) errors.push(invalidValue(at.child('expression'), text, problem));
    if (!name) {
      errors.push(required(at.child('name')));
      return;
    }
    pushInvalid(errors, at.child('name'), name, isQualifiedName(name));
    if (names.has(name)) errors.push(duplicate(at.child('name'), name));
    names.add(name);
  });
}
