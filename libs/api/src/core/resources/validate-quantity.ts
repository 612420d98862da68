import { type FieldError, type FieldPath, invalidValue, IS_NEGATIVE, parseQuantity } from '@pilothouse/apimachinery';
import { IS_NOT_INTEGER, IS_NOT_POSITIVE } from '../validation/numbers.ts';
import { isIntegerResource } from './resource-names.ts';

/** An amount of a resource: never negative, and whole where the resource cannot be divided. */
export function validateResourceQuantity(resource: string, text: string, path: FieldPath, errors: FieldError[]): void {
  if (text.startsWith('-') && parseQuantity(text).sign < 0) errors.push(invalidValue(path, text, IS_NEGATIVE));
  if (isIntegerResource(resource) && parseQuantity(text).toMilli() % 1000 !== 0) {
    errors.push(invalidValue(path, text, IS_NOT_INTEGER));
  }
}

/** Returns whether the amount is above zero. */
export function validatePositiveQuantity(text: string, path: FieldPath, errors: FieldError[]): boolean {
  if (parseQuantity(text).sign > 0) return true;
  errors.push(invalidValue(path, text, IS_NOT_POSITIVE));
  return false;
}

export function validateBasicQuantity(text: string, path: FieldPath, errors: FieldError[]): boolean {
  const value = parseQuantity(text).value();
  if (value >= 0) return true;
  errors.push(invalidValue(path, value, 'must be a valid resource quantity'));
  return false;
}
