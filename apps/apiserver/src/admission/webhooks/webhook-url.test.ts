import { describe, expect, test } from 'vitest';
import { webhookUrl } from './webhook-url.ts';

describe('the URL of a webhook', () => {
  test.each([
    ['https://[::1]:9443//mutate-v1', '[::1]:9443', '/mutate-v1?timeout=5s'],
    ['https://hooks.test/a/b/', 'hooks.test', '/a/b?timeout=5s'],
    ['https://hooks.test', 'hooks.test', '/?timeout=5s'],
    ['https://hooks.test/a?b=c', 'hooks.test', '/a?b=c&timeout=5s'],
  ])('%s', (url, host, path) => {
    expect(webhookUrl({ url }, 5000)).toMatchObject({ host, path });
  });

  test.each([
    ['/validate', '/validate?timeout=10s'],
    ['validate', '/validate?timeout=10s'],
    [undefined, '/?timeout=10s'],
  ])('of a service with the path %s', (path, expected) => {
    const service = { namespace: 'default', name: 'hooks', ...(path === undefined ? {} : { path }) };
    expect(webhookUrl({ service }, 10_000)).toEqual({
      hostname: 'hooks.default.svc',
      port: 443,
      host: 'hooks.default.svc:443',
      path: expected,
    });
  });

  test('must be given somehow', () => {
    expect(() => webhookUrl({}, 1000)).toThrow('webhook configuration must have either service or URL');
  });
});
