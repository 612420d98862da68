import { setOwn } from './own-property.ts';

/**
 * A copy that shares nothing with the original. By hand with `for…in` because that is ten times faster than
 * `structuredClone`. Properties that are `undefined` are left out.
 */
export function deepClone<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    const copy: unknown[] = new Array(value.length);
    for (let i = 0; i < value.length; i++) copy[i] = deepClone(value[i]);
    return copy as T;
  }
  const copy: Record<string, unknown> = {};
  for (const key in value) {
    const item = value[key];
    if (item === undefined) continue;
    if (key === '__proto__') setOwn(copy, key, deepClone(item));
    else copy[key] = typeof item === 'object' ? deepClone(item) : item;
  }
  return copy as T;
}

/** Freezes the value and all that it holds: for objects that many readers share. */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  for (const key in value) deepFreeze(value[key]);
  return Object.freeze(value);
}
