/**
 * Takes fields back from the stored object: what a client sends for `status` on the main resource, or for `spec` on the
 * status subresource, does not count. The values are shared with the stored object, which nobody changes.
 */
export function keepStored<T extends object>(object: T, stored: T, ...fields: (keyof T)[]): void {
  for (const field of fields) {
    if (stored[field] === undefined) delete object[field];
    else object[field] = stored[field];
  }
}
