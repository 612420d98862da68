import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK } from 'jose';
import { createKubeClient } from '@pilothouse/client';
import { selfSignedServerCert } from '@pilothouse/pki';
import { startApiserver, type RunningApiserver } from '@pilothouse/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

let dir: string;
let issuer: https.Server;
let url: string;
let authority: string;
let server: RunningApiserver;
const keys = new Map<string, CryptoKey>();
const published: JWK[] = [];

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'pilothouse-jwt-'));
  const { certPem, keyPem } = await selfSignedServerCert(['127.0.0.1', 'localhost']);
  authority = certPem;
  issuer = https.createServer({ cert: certPem, key: keyPem }, (request, response) => {
    const documents: Record<string, object> = {
      '/.well-known/openid-configuration': { issuer: url, jwks_uri: `${url}/keys` },
      '/keys': { keys: published },
    };
    response.writeHead(documents[request.url ?? ''] ? 200 : 404, { 'content-type': 'application/json' });
    response.end(JSON.stringify(documents[request.url ?? ''] ?? {}));
  });
  await new Promise<void>((resolve) => issuer.listen(0, '127.0.0.1', resolve));
  url = `https://localhost:${(issuer.address() as AddressInfo).port}`;
  await publish('first');
  const file = configure({ anonymous: { enabled: true, conditions: [{ path: '/livez' }, { path: '/readyz' }] } });
  server = await startApiserver({ flags: [`--authentication-config=${file}`, '--authorization-mode=RBAC'] });
});

afterAll(async () => {
  await server?.stop();
  issuer?.close();
  rmSync(dir, { recursive: true, force: true });
});

async function publish(kid: string): Promise<void> {
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
  keys.set(kid, privateKey);
  published.push({ ...(await exportJWK(publicKey)), kid, alg: 'ES256', use: 'sig' });
}

function configure(over: object = {}): string {
  const file = join(dir, 'authentication.yaml');
  const jwt = [
    {
      issuer: { url, certificateAuthority: authority, audiences: ['cluster'] },
      claimMappings: {
        username: { expression: "'oidc:' + claims.sub" },
        groups: { claim: 'roles', prefix: '' },
      },
      userValidationRules: [{ expression: "!user.username.startsWith('oidc:system:')", message: 'reserved' }],
    },
  ];
  const configuration = { apiVersion: 'apiserver.config.k8s.io/v1', kind: 'AuthenticationConfiguration', jwt, ...over };
  writeFileSync(`${file}.new`, JSON.stringify(configuration));
  renameSync(`${file}.new`, file);
  return file;
}

const token = (claims: object, { kid = 'first', audience = 'cluster', expires = '5m' } = {}) =>
  new SignJWT({ roles: ['dev'], ...claims })
    .setProtectedHeader({ alg: 'ES256', kid })
    .setIssuer(url)
    .setAudience(audience)
    .setIssuedAt()
    .setExpirationTime(expires)
    .sign(keys.get(kid)!);

async function ask(method: string, path: string, bearer?: string): Promise<{ status: number; text: string }> {
  const ca = readFileSync(server.pki.path('ca.crt'), 'utf8');
  const client = createKubeClient({
    ...{ server: server.server, userAgent: 'test/1.0', tls: { ca } },
    ...(bearer ? { token: bearer } : {}),
  });
  const body = method === 'POST' ? { body: '{}' } : {};
  const answer = await client.raw(method, path, { headers: { 'content-type': 'application/json' }, ...body });
  client.close();
  return { status: answer.status, text: answer.body.toString() };
}

const WHO = '/apis/authentication.k8s.io/v1/selfsubjectreviews';

describe('tokens of an issuer outside', () => {
  it('say who asks, by the claims that the configuration names', async () => {
    const { status, text } = await ask('POST', WHO, await token({ sub: 'jane' }));
    expect(status, `${text} ${server.log()}`).toBe(201);
    expect(JSON.parse(text).status.userInfo).toMatchObject({
      username: 'oidc:jane',
      groups: ['dev', 'system:authenticated'],
    });
  });

  it('are refused when they are for others, too old, of nobody, or somebody whom they must not be of', async () => {
    for (const wrong of [
      await token({ sub: 'jane' }, { audience: 'other' }),
      await token({ sub: 'jane' }, { expires: '-1m' }),
      await token({ sub: '' }).then((each) => each.slice(0, -4)),
      await token({ sub: 'system:admin' }),
    ]) {
      expect((await ask('POST', WHO, wrong)).status).toBe(401);
    }
  });

  it('may be signed with a key that the issuer has published since', async () => {
    await publish('second');
    const second = await token({ sub: 'joe' }, { kid: 'second' });
    await expect
      .poll(async () => (await ask('POST', WHO, second)).status, { timeout: 30_000, interval: 500 })
      .toBe(201);
  }, 60_000);
});

it('who has no credentials may ask for some paths only, and which follows the file', async () => {
  expect((await ask('GET', '/livez')).status).toBe(200);
  expect((await ask('GET', '/version')).status).toBe(401);
  configure({ anonymous: { enabled: true } });
  await expect.poll(async () => (await ask('GET', '/version')).status, { timeout: 30_000 }).toBe(200);
  configure({ anonymous: { enabled: false } });
  await expect.poll(async () => (await ask('GET', '/livez')).status, { timeout: 30_000 }).toBe(401);
}, 90_000);
