import { type FieldError, type FieldPath, isPathSegmentName, required } from '@pilothouse/apimachinery';
import type { CrossVersionObjectReference } from '@pilothouse/api';
import { pushInvalid } from '../core/validation/push-invalid.ts';

/** A reference to something that scales, or that has a metric. Its apiVersion is checked apart: the rules differ. */
export function validateReference(
  { kind, name }: CrossVersionObjectReference,
  path: FieldPath,
  errors: FieldError[],
): void {
  if (!kind) errors.push(required(path.child('kind')));
  else pushInvalid(errors, path.child('kind'), kind, isPathSegmentName(kind));
  if (!name) errors.push(required(path.child('name')));
  else pushInvalid(errors, path.child('name'), name, isPathSegmentName(name));
}

/** At most a group and a version. */
export function apiVersionProblem(apiVersion: string): string | undefined {
  return apiVersion.split('/').length > 2 ? `unexpected GroupVersion string: ${apiVersion}` : undefined;
}
