/**
 * Fails with the first of the errors that were set aside, after what had to be done in any case (writing a status) was
 * done. Does nothing when there is none.
 */
export function rethrowFirst(failures: readonly unknown[]): void {
  const [first] = failures;
  if (first === undefined) return;
  throw first instanceof Error ? first : new Error(String(first));
}
