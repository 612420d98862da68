/**
 * Equality of two JSON values. The order of keys does not matter, that of list items does. A property that is
 * `undefined` counts as absent, because that is what it is once printed. `null` is not absent.
 */
export function deepEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) {
    return Number.isNaN(a) && Number.isNaN(b);
  }
  if (Array.isArray(a)) {
    if (!Array.isArray(b) || a.length !== b.length) return false;
    for (let i = 0; i < a.length; i++) if (!deepEqual(a[i], b[i])) return false;
    return true;
  }
  if (Array.isArray(b)) return false;
  const [left, right] = [a as Record<string, unknown>, b as Record<string, unknown>];
  let remaining = 0;
  for (const key in right) if (right[key] !== undefined) remaining++;
  for (const key in left) {
    const value = left[key];
    if (value === undefined) continue;
    if (remaining-- === 0 || !Object.hasOwn(right, key) || !deepEqual(value, right[key])) return false;
  }
  return remaining === 0;
}
