import { expect } from 'vitest';
import { story } from '../story.ts';

story('a request with an invalid timeout is refused, and one of 0s gets the default', async ({ api, in: within }) => {
  const path = `${within()}/configmaps`;
  const invalid = await api.send('GET', `${path}?timeout=invalid`);
  expect(invalid.code).toBe(400);
  expect(invalid.text).toContain('invalid timeout specified in the request URL');
  expect((await api.send('GET', `${path}?timeout=0s`)).code).toBe(200);
  expect((await api.send('GET', `${path}?timeout=30s`)).code).toBe(200);
});

story('the health of the server is told check by check', async ({ api }) => {
  for (const [path, checks] of Object.entries({
    '/healthz': ['ping', 'etcd', 'poststarthook/rbac/bootstrap-roles'],
    '/livez': ['ping', 'etcd'],
    '/readyz': ['ping', 'etcd', 'shutdown'],
  })) {
    const { code, text } = await api.send('GET', `${path}?verbose`);
    expect(code).toBe(200);
    for (const check of checks) expect(text).toContain(`[+]${check} ok`);
    expect((await api.send('GET', path)).text).toBe('ok');
    expect((await api.send('GET', `${path}/ping`)).text).toBe('ok');
  }
});

story('generated names are tried again until one is free, and never too long', async ({ api, in: within }) => {
  const path = `${within()}/configmaps`;
  const generateName = `${'long'.repeat(60)}-`;
  const made = await api.create(path, { metadata: { generateName } });
  expect(made.metadata.name).toMatch(/^(long)+[a-z0-9-]+$/);
  expect(made.metadata.name.length).toBeLessThanOrEqual(63);
});
