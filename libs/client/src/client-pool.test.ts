import { afterEach, expect, it } from 'vitest';
import { createClientPool } from './client-pool.ts';
import { Http2TestServer } from './test-server/http2-test-server.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function start(status = 200) {
  const server = await Http2TestServer.start((request) => request.reply(status, '{}'));
  const pool = createClientPool({ server: server.url, tls: { ca: server.ca } });
  cleanups.push(
    () => server.close(),
    () => pool.close(),
  );
  return { server, pool };
}

it('lets each client be somebody else', async () => {
  const { server, pool } = await start();
  await pool.client({ userAgent: 'a', token: 'secret' }).raw('GET', '/version');
  const impersonate = { user: 'system:node:n1', groups: ['system:nodes', 'more'] };
  await pool.client({ userAgent: 'b', impersonate }).raw('GET', '/version');
  const [first, second] = server.requests.map(({ headers }) => headers);
  expect(first).toMatchObject({ 'user-agent': 'a', authorization: 'Bearer secret' });
  expect(first).not.toHaveProperty('impersonate-user');
  expect(second).toMatchObject({ 'user-agent': 'b', 'impersonate-user': 'system:node:n1' });
  expect(second?.['impersonate-group']).toBe('system:nodes, more');
  expect(second).not.toHaveProperty('authorization');
});

it('says when a token is not known any more', async () => {
  const { pool } = await start(401);
  let told = 0;
  await pool.client({ userAgent: 'a', token: 'old', onUnauthorized: () => told++ }).raw('GET', '/version');
  expect(told).toBe(1);
});
