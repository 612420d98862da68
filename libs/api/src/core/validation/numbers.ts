import { type FieldError, type FieldPath, invalidValue, IS_NEGATIVE } from '@pilothouse/apimachinery';

export const IS_NOT_POSITIVE = 'must be greater than zero';
export const IS_NOT_INTEGER = 'must be an integer';
export const MAX_INT32 = 2 ** 31 - 1;

/** Absent counts as zero. */
export function validateNonNegative(value: number | undefined, path: FieldPath, errors: FieldError[]): void {
  if (value !== undefined && value < 0) errors.push(invalidValue(path, value, IS_NEGATIVE));
}

/** Absent counts as zero, which is not positive. */
export function validatePositive(value: number | undefined, path: FieldPath, errors: FieldError[]): void {
  if (value === undefined || value <= 0) errors.push(invalidValue(path, value ?? 0, IS_NOT_POSITIVE));
}
