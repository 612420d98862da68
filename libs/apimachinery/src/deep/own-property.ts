/**
 * Objects come from the network, so any string may be a key: `constructor` must read as absent and `__proto__` must
 * be stored like any other. These two are the only safe ways to read and write a key that is not known in advance.
 */
export function getOwn<T>(object: Readonly<Record<string, T>> | undefined | null, key: string): T | undefined {
  return object !== undefined && object !== null && Object.hasOwn(object, key) ? object[key] : undefined;
}

export function setOwn(object: object, key: string, value: unknown): void {
  if (key === '__proto__') {
    Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
  } else {
    (object as Record<string, unknown>)[key] = value;
  }
}

/** A JSON object: neither null, nor a list, nor a scalar. */
export function isJsonObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
