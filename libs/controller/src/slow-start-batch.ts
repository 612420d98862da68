/**
 * Calls `act` for `count` items in batches of 1, 2, 4, … each in parallel, and stops after the first batch with a
 * failure: a quota that refuses every pod then costs a few requests, not hundreds. See upstream's slowStartBatch.
 */
export async function slowStartBatch(
  count: number,
  initialBatchSize: number,
  act: (index: number) => Promise<void>,
): Promise<{ successes: number; error?: unknown }> {
  let successes = 0;
  for (let start = 0, size = initialBatchSize; start < count; start += size, size *= 2) {
    size = Math.min(size, count - start);
    const first = start;
    const results = await Promise.allSettled(Array.from({ length: size }, async (_, i) => act(first + i)));
    const failures = results.filter((result) => result.status === 'rejected');
    successes += size - failures.length;
    if (failures.length > 0) return { successes, error: failures[0]!.reason };
  }
  return { successes };
}
