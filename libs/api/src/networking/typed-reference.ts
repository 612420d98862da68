import {
  type FieldError,
  type FieldPath,
  isDNS1123Subdomain,
  isPathSegmentName,
  required,
} from '@pilothouse/apimachinery';
import { pushInvalid } from '../core/validation/push-invalid.ts';

interface TypedReference {
  readonly apiGroup?: string | null;
  readonly kind: string;
  readonly name: string;
}

/** A reference to an object of any kind: an ingress' backend, a class' parameters. */
export function validateTypedReference(
  { apiGroup, kind, name }: TypedReference,
  path: FieldPath,
  errors: FieldError[],
): void {
  if (typeof apiGroup === 'string') pushInvalid(errors, path.child('apiGroup'), apiGroup, isDNS1123Subdomain(apiGroup));
  if (!kind) errors.push(required(path.child('kind'), 'kind is required'));
  else pushInvalid(errors, path.child('kind'), kind, isPathSegmentName(kind));
  if (!name) errors.push(required(path.child('name'), 'name is required'));
  else pushInvalid(errors, path.child('name'), name, isPathSegmentName(name));
}
