import {
  type FieldError,
  type FieldPath,
  forbiddenField,
  invalidValue,
  validateLabelName,
} from '@pilothouse/apimachinery';
import type { LabelSelector } from '@pilothouse/api';

interface LabelKeys {
  readonly labelSelector?: LabelSelector;
  readonly matchLabelKeys?: readonly string[];
  readonly mismatchLabelKeys?: readonly string[];
}

/**
 * Keys whose values are taken from the pod itself and merged into the selector when it is created (KEP-3633). So a key
 * that the selector already had shows by then as two expressions.
 */
export function validateMatchLabelKeys(
  { labelSelector, matchLabelKeys = [], mismatchLabelKeys = [] }: LabelKeys,
  path: FieldPath,
  errors: FieldError[],
): void {
  if (matchLabelKeys.length === 0 && mismatchLabelKeys.length === 0) return;
  validateKeys(matchLabelKeys, labelSelector, path.child('matchLabelKeys'), errors);
  validateKeys(mismatchLabelKeys, labelSelector, path.child('mismatchLabelKeys'), errors);
  const selected = new Set(Object.keys(labelSelector?.matchLabels ?? {}));
  for (const { key } of labelSelector?.matchExpressions ?? []) {
    const index = matchLabelKeys.lastIndexOf(key);
    if (index >= 0 && selected.has(key)) {
      errors.push(invalidValue(path.index(index), key, 'exists in both matchLabelKeys and labelSelector'));
    }
    selected.add(key);
  }
  matchLabelKeys.forEach((key, index) => {
    if (mismatchLabelKeys.includes(key)) {
      const at = path.child('matchLabelKeys').index(index);
      errors.push(invalidValue(at, key, 'exists in both matchLabelKeys and mismatchLabelKeys'));
    }
  });
}

function validateKeys(
  keys: readonly string[],
  selector: LabelSelector | undefined,
  path: FieldPath,
  errors: FieldError[],
): void {
  if (keys.length === 0) return;
  if (!selector) {
    errors.push(forbiddenField(path, 'must not be specified when labelSelector is not set'));
    return;
  }
  keys.forEach((key, index) => errors.push(...validateLabelName(key, path.index(index))));
}
