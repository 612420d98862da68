import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { createKubeClient } from '@pilothouse/client';
import { startApiserver, type RunningApiserver } from '@pilothouse/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

interface Review {
  readonly spec: { readonly user: string; readonly resourceAttributes?: { readonly resource?: string } };
}

let dir: string;
let service: http.Server;
let server: RunningApiserver;
const asked: Review[] = [];

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'pilothouse-authorization-'));
  service = http.createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve));
  const tokens = join(dir, 'tokens.csv');
  writeFileSync(tokens, 'root-token,root,1,system:masters\nalice-token,alice,2,dev\nbob-token,bob,3,dev\n');
  server = await startApiserver({
    flags: [`--token-auth-file=${tokens}`, `--authorization-config=${configure()}`],
  });
});

afterAll(async () => {
  await server?.stop();
  service?.close();
  rmSync(dir, { recursive: true, force: true });
});

/** Alice may read; secrets are nobody's. */
async function answer(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
  const review = (await json(request)) as Review;
  asked.push(review);
  const denied = review.spec.resourceAttributes?.resource === 'secrets';
  const status = { allowed: !denied && review.spec.user === 'alice', denied, reason: denied ? 'not secrets' : '' };
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ ...review, status }));
}

function configure(): string {
  const kubeConfigFile = join(dir, 'webhook.yaml');
  const url = `http://127.0.0.1:${(service.address() as AddressInfo).port}/authorize`;
  const kubeconfig = {
    clusters: [{ name: 'c', cluster: { server: url } }],
    contexts: [{ name: 'c', context: { cluster: 'c', user: '' } }],
    'current-context': 'c',
  };
  writeFileSync(kubeConfigFile, JSON.stringify(kubeconfig));
  const webhook = {
    timeout: '3s',
    authorizedTTL: '1m',
    unauthorizedTTL: '1m',
    subjectAccessReviewVersion: 'v1',
    matchConditionSubjectAccessReviewVersion: 'v1',
    failurePolicy: 'Deny',
    connectionInfo: { type: 'KubeConfigFile', kubeConfigFile },
    matchConditions: [{ expression: 'has(request.resourceAttributes)' }],
  };
  const authorizers = [
    { type: 'Webhook', name: 'company', webhook },
    { type: 'RBAC', name: 'rbac' },
  ];
  const file = join(dir, 'authorization.yaml');
  const configuration = { apiVersion: 'apiserver.config.k8s.io/v1', kind: 'AuthorizationConfiguration', authorizers };
  writeFileSync(file, JSON.stringify(configuration));
  return file;
}

async function get(token: string, path: string): Promise<{ status: number; message?: string }> {
  const ca = readFileSync(server.pki.path('ca.crt'), 'utf8');
  const client = createKubeClient({ server: server.server, userAgent: 'test/1.0', tls: { ca }, token });
  const answer = await client.raw('GET', path, {});
  client.close();
  return { status: answer.status, message: (JSON.parse(answer.body.toString()) as { message?: string }).message };
}

describe('an authorizer that is a webhook', () => {
  it('allows, and denies what a later authorizer would allow', async () => {
    const pods = '/api/v1/namespaces/default/pods';
    expect(await get('alice-token', pods)).toMatchObject({ status: 200 });
    expect(await get('bob-token', pods)).toMatchObject({ status: 403 });
    expect(await get('alice-token', '/api/v1/secrets')).toMatchObject({
      status: 403,
      message: expect.stringContaining('at the cluster scope: not secrets') as string,
    });
  });

  it('is asked once about the same thing, and never about what its conditions leave out', async () => {
    const before = asked.length;
    await get('alice-token', '/api/v1/namespaces/default/pods');
    await get('alice-token', '/version');
    expect(asked).toHaveLength(before);
  });

  it('is not asked about those who may do everything', async () => {
    const before = asked.length;
    expect(await get('root-token', '/api/v1/secrets')).toMatchObject({ status: 200 });
    expect(asked).toHaveLength(before);
  });
});
