import {
  duplicate,
  type FieldError,
  type FieldPath,
  isQualifiedName,
  required,
  tooMany,
} from '@pilothouse/apimachinery';
import type { MatchCondition } from '@pilothouse/api';
import { pushInvalid } from '../core/validation/push-invalid.ts';

const MAX_CONDITIONS = 64;

/** Expressions that must all hold for a webhook or policy to be asked. Their text is compiled where they are run. */
export function validateMatchConditions(
  conditions: readonly MatchCondition[] | undefined,
  path: FieldPath,
  errors: FieldError[],
): void {
  if (!conditions) return;
  if (conditions.length > MAX_CONDITIONS) errors.push(tooMany(path, conditions.length, MAX_CONDITIONS));
  const names = new Set<string>();
  conditions.forEach(({ name, expression }, index) => {
    const at = path.index(index);
    if (!expression?.trim()) errors.push(required(at.child('expression')));
    if (!name) {
      errors.push(required(at.child('name')));
      return;
    }
    pushInvalid(errors, at.child('name'), name, isQualifiedName(name));
    if (names.has(name)) errors.push(duplicate(at.child('name'), name));
    names.add(name);
  });
}
