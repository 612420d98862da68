import {
  type FieldError,
  type FieldPath,
  invalidValue,
  isCIdentifier,
  isDNS1123Label,
  isDNS1123Subdomain,
  required,
  tooLong,
} from '@pilothouse/apimachinery';
import { validateCsiDriverName } from '../core/pod-spec/volumes/csi.ts';
import { pushInvalid } from '../core/validation/push-invalid.ts';

const MAX_POOL_NAME = 253;
const MAX_IDENTIFIER = 32;

/** DRA drivers follow the rule of CSI drivers. */
export const validateDriverName: (name: string | undefined, path: FieldPath, errors: FieldError[]) => void =
  validateCsiDriverName;

/** Of requests and devices: an empty name is a wrong one. */
export function validateLabelLikeName(name = '', path: FieldPath, errors: FieldError[]): void {
  pushInvalid(errors, path, name, isDNS1123Label(name));
}

/** Of counters and their sets: an empty name is a missing one. */
export function validateCounterName(name: string | undefined, path: FieldPath, errors: FieldError[]): void {
  if (name) validateLabelLikeName(name, path, errors);
  else errors.push(required(path));
}

/** One or more DNS names, with slashes between them. */
export function validatePoolName(name: string | undefined, path: FieldPath, errors: FieldError[]): void {
  if (!name) {
    errors.push(required(path));
    return;
  }
  if (name.length > MAX_POOL_NAME) errors.push(tooLong(path, MAX_POOL_NAME));
  for (const part of name.split('/')) pushInvalid(errors, path, part, isDNS1123Subdomain(part));
}

/** `memory`, or `gpu.example.com/memory`: the domain is the driver's when there is none. */
export function validateAttributeName(name: string, path: FieldPath, errors: FieldError[]): void {
  const [first = '', second, ...rest] = name.split('/');
  if (second === undefined) validateIdentifier(first, path, errors);
  else if (rest.length === 0) {
    if (first === '') errors.push(invalidValue(path, '', 'the domain must not be empty'));
    else validateDriverName(first, path, errors);
    if (second === '') errors.push(invalidValue(path, '', 'the name must not be empty'));
    else validateIdentifier(second, path, errors);
  }
}

export function validateFullAttributeName(name: string, path: FieldPath, errors: FieldError[]): void {
  validateAttributeName(name, path, errors);
  if (!name.includes('/'))
    errors.push(invalidValue(path, name, 'a fully qualified name must be a domain and a name separated by a slash'));
}

function validateIdentifier(name: string, path: FieldPath, errors: FieldError[]): void {
  if (name.length > MAX_IDENTIFIER) errors.push(tooLong(path, MAX_IDENTIFIER));
  pushInvalid(errors, path, name, isCIdentifier(name));
}
