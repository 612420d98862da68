import { FakeClock, MetricsRegistry } from '@pilothouse/component';
import { expect, it } from 'vitest';
import { certificateExpiration } from './certificate-expiration.ts';

it('counts each use of a certificate by how long it will still be good', () => {
  const metrics = new MetricsRegistry();
  const clock = new FakeClock();
  const used = certificateExpiration(metrics, clock);
  for (const days of [-1, 5, 300]) used(clock.now().getTime() + days * 24 * 3600 * 1000);
  const buckets = metrics
    .expose()
    .split('\n')
    .filter((line) => line.includes('_bucket'))
    .map((line) => Number(line.split(' ')[1]));
  // Expired ones are below 0; up to 4 days, from 7 days, from a year.
  expect([buckets[0], buckets[8], buckets[9], buckets[12], buckets[13]]).toEqual([1, 1, 2, 2, 3]);
});
