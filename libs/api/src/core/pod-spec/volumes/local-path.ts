import { type FieldError, type FieldPath, invalidValue } from '@pilothouse/apimachinery';

export const hasBackstep = (path: string): boolean => path.includes('..') && path.split('/').includes('..');

/** A path may not climb out of where it starts. */
export function validateNoBacksteps(value: string, path: FieldPath, errors: FieldError[]): void {
  if (hasBackstep(value)) errors.push(invalidValue(path, value, "must not contain '..'"));
}

/** A path below some directory: relative, without backsteps. */
export function validateDescendingPath(value: string, path: FieldPath, errors: FieldError[]): void {
  if (value.startsWith('/')) errors.push(invalidValue(path, value, 'must be a relative path'));
  validateNoBacksteps(value, path, errors);
}

/** As above, in a directory that the kubelet writes with hidden `..data` entries of its own. */
export function validateNonReservedPath(value: string, path: FieldPath, errors: FieldError[]): void {
  validateDescendingPath(value, path, errors);
  if (value.startsWith('..') && !value.startsWith('../')) {
    errors.push(invalidValue(path, value, "must not start with '..'"));
  }
}
