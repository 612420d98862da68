import {
  type FieldError,
  type FieldPath,
  invalidValue,
  isQualifiedName,
  required,
  tooLong,
} from '@pilothouse/apimachinery';
import { pushInvalid } from '../core/validation/push-invalid.ts';

const MAX_PARAMETERS = 512;
const MAX_BYTES = 256 * 1024;

/** The name of whoever provisions volumes of a class. */
export function validateProvisioner(name: string, path: FieldPath, errors: FieldError[]): void {
  if (!name) errors.push(required(path));
  else pushInvalid(errors, path, name.toLowerCase(), isQualifiedName(name.toLowerCase()));
}

/** What a class tells its provisioner: free text, but not without end. */
export function validateParameters(
  parameters: Readonly<Record<string, string>>,
  path: FieldPath,
  errors: FieldError[],
  { mayBeEmpty }: { readonly mayBeEmpty: boolean },
): void {
  const entries = Object.entries(parameters);
  if (entries.length > MAX_PARAMETERS) {
    errors.push(tooLong(path, MAX_PARAMETERS));
    return;
  }
  let bytes = 0;
  for (const [key, value] of entries) {
    if (key === '') errors.push(invalidValue(path, key, 'field can not be empty.'));
    bytes += Buffer.byteLength(key) + Buffer.byteLength(value);
  }
  if (bytes > MAX_BYTES) errors.push(tooLong(path, MAX_BYTES));
  if (!mayBeEmpty && entries.length === 0) errors.push(required(path, 'must contain at least one key/value pair'));
}
