import { duplicate, type FieldError, type FieldPath, isQualifiedName } from '@pilothouse/apimachinery';
import type { PodReadinessGate, PodSchedulingGate } from '@pilothouse/api';
import { pushInvalid } from '../validation/push-invalid.ts';

/** Conditions that others must set before the pod counts as ready. */
export function validateReadinessGates(
  gates: readonly PodReadinessGate[],
  path: FieldPath,
  errors: FieldError[],
): void {
  gates.forEach(({ conditionType = '' }, index) => {
    pushInvalid(errors, path.index(index).child('conditionType'), conditionType, isQualifiedName(conditionType));
  });
}

/** Names that others must remove before the pod is scheduled (KEP-3521). */
export function validateSchedulingGates(
  gates: readonly PodSchedulingGate[],
  path: FieldPath,
  errors: FieldError[],
): void {
  const seen = new Set<string>();
  gates.forEach(({ name = '' }, index) => {
    pushInvalid(errors, path.index(index), name, isQualifiedName(name));
    if (seen.has(name)) errors.push(duplicate(path.index(index), name));
    seen.add(name);
  });
}
