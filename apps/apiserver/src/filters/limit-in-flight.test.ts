import { MetricsRegistry } from '@pilothouse/component';
import { expect, test } from 'vitest';
import type { ApiRequest } from '../request.ts';
import { limitInFlight } from './limit-in-flight.ts';

function requestOf(name: string, groups: readonly string[] = []): ApiRequest {
  return {
    longRunning: false,
    info: { verb: 'list' },
    user: { name, groups },
    abort: new AbortController(),
  } as unknown as ApiRequest;
}

test('refuses with 429 what is far too much at once, but never an administrator', async () => {
  const filter = limitInFlight({ readOnly: 1, mutating: 1 }, new MetricsRegistry());
  let finish: () => void = () => undefined;
  const busy = new Promise<void>((resolve) => (finish = resolve));
  const waiting = Array.from({ length: 26 }, () => filter(requestOf('bob'), () => busy));
  await expect(filter(requestOf('bob'), () => busy)).rejects.toMatchObject({
    code: 429,
    status: { details: { retryAfterSeconds: 1 } },
  });
  const admin = filter(requestOf('admin', ['system:masters']), () => Promise.resolve());
  await expect(admin).resolves.toBeUndefined();
  finish();
  await expect(Promise.all(waiting)).resolves.toHaveLength(26);
});
