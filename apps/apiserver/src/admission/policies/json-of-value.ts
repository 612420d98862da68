import { isMapValue, Optional, Uint, type Value } from '@pilothouse/cel';

/** What an expression made, as JSON: what goes into an object. */
export function jsonOfValue(value: Value): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return (value as readonly Value[]).map(jsonOfValue);
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (value instanceof Uint) return Number(value.value);
  if (value instanceof Optional) return value.value === undefined ? null : jsonOfValue(value.value);
  if (!isMapValue(value)) return String(value);
  return Object.fromEntries([...value.keys()].map((key) => [String(key), jsonOfValue(value.get(key) ?? null)]));
}
