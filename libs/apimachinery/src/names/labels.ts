import { type FieldError, type FieldPath, invalidValue, tooLong } from '../validation/field-error.ts';
import { isLabelValue, isQualifiedName } from './label-syntax.ts';
import { byteLength } from './messages.ts';

type StringMap = Readonly<Record<string, string>> | undefined;

/** All keys and values of an object's annotations together. */
export const TOTAL_ANNOTATION_SIZE_LIMIT_BYTES = 256 * 1024;

export function validateLabels(labels: StringMap, path: FieldPath): FieldError[] {
  const errors: FieldError[] = [];
  for (const [key, value] of Object.entries(labels ?? {})) {
    errors.push(...validateLabelName(key, path));
    for (const message of isLabelValue(value)) errors.push(invalidValue(path, value, message));
  }
  return errors;
}

export function validateLabelName(name: string, path: FieldPath): FieldError[] {
  return isQualifiedName(name).map((message) => invalidValue(path, name, message));
}

/** Keys follow the rule of label keys except for case; values are free. */
export function validateAnnotations(annotations: StringMap, path: FieldPath): FieldError[] {
  const errors: FieldError[] = [];
  for (const key of Object.keys(annotations ?? {})) {
    for (const message of isQualifiedName(key.toLowerCase())) errors.push(invalidValue(path, key, message));
  }
  if (annotationsSizeBytes(annotations) > TOTAL_ANNOTATION_SIZE_LIMIT_BYTES) {
    errors.push(tooLong(path, TOTAL_ANNOTATION_SIZE_LIMIT_BYTES));
  }
  return errors;
}

export function annotationsSizeBytes(annotations: StringMap): number {
  let total = 0;
  for (const [key, value] of Object.entries(annotations ?? {})) total += byteLength(key) + byteLength(value);
  return total;
}
