import { duplicate, type FieldError, type FieldPath, tooMany } from '@pilothouse/apimachinery';

type ItemRule<T> = (item: T, path: FieldPath, errors: FieldError[]) => void;

/** A list that is too long is not looked into: that is what the limit is for. */
export function validateList<T>(
  items: readonly T[] | null | undefined,
  max: number,
  rule: ItemRule<T>,
  path: FieldPath,
  errors: FieldError[],
): boolean {
  if (!items) return true;
  if (items.length > max) {
    errors.push(tooMany(path, items.length, max));
    return false;
  }
  items.forEach((item, index) => rule(item, path.index(index), errors));
  return true;
}

/** A list in which no key may come twice. */
export function validateSet<T>(
  items: readonly T[] | null | undefined,
  max: number,
  rule: ItemRule<T>,
  keyOf: (item: T) => string,
  path: FieldPath,
  errors: FieldError[],
): void {
  if (!validateList(items, max, rule, path, errors)) return;
  const keys = new Set<string>();
  items?.forEach((item, index) => {
    const key = keyOf(item);
    if (keys.has(key)) errors.push(duplicate(path.index(index), key));
    keys.add(key);
  });
}
