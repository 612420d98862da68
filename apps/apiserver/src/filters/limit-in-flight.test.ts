import { MetricsRegistry } from '@pilothouse/component';
import { expect, test } from 'vitest';
import type { ApiRequest } from '../request.ts';
import { limitInFlight } from './limit-in-flight.ts';

function requestOf(name: string, groups: readonly string[] = []) {
  const answer = { code: 0, text: '', headers: {} as Record<string, string> };
  const response = {
    writeHead(code: number, headers: Record<string, string>) {
      Object.assign(answer, { code, headers });
    },
    end: (body: Buffer) => void (answer.text = body.toString()),
  };
  const request = {
    ...{ longRunning: false, method: 'GET', info: { verb: 'list' }, user: { name, groups }, headers: {}, response },
    ...{ audit: {}, warnings: new Set(), auditId: 'a' },
  } as unknown as ApiRequest;
  return { request, answer };
}

test('refuses with 429 what is too much at once, but never an administrator', async () => {
  const filter = limitInFlight({ readOnly: 1, mutating: 1 }, new MetricsRegistry());
  const busy = Promise.withResolvers<void>();
  const first = filter(requestOf('bob').request, () => busy.promise);
  const second = requestOf('bob');
  await filter(second.request, () => Promise.reject(new Error('not reached')));
  expect(second.answer).toMatchObject({
    code: 429,
    text: 'Too many requests, please try again later.\n',
    headers: { 'retry-after': '1' },
  });
  await filter(requestOf('admin', ['system:masters']).request, () => Promise.resolve());
  busy.resolve();
  await first;
  await expect(filter(requestOf('bob').request, () => Promise.resolve())).resolves.toBeUndefined();
});
