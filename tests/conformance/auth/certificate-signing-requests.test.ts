import { execFileSync } from 'node:child_process';
import { expect } from 'vitest';
import { apiOperations } from '../api-operations.ts';
import { eventually, story } from '../story.ts';

const CERTIFICATES = { group: 'certificates.k8s.io', version: 'v1' };
const REQUESTS = '/apis/certificates.k8s.io/v1/certificatesigningrequests';

/** A request for a client certificate of this name. */
function signingRequest(commonName: string): string {
  const args = [
    'req',
    '-new',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-keyout',
    '/dev/null',
    '-subj',
    `/CN=${commonName}`,
  ];
  return Buffer.from(execFileSync('openssl', args, { stdio: ['ignore', 'pipe', 'ignore'] })).toString('base64');
}

/** Of nobody, signed by itself. */
function certificate(): string {
  const args = [
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-keyout',
    '/dev/null',
    '-subj',
    '/CN=e2e',
  ];
  return Buffer.from(execFileSync('openssl', args, { stdio: ['ignore', 'pipe', 'ignore'] })).toString('base64');
}

const spec = (signerName: string): object => ({
  request: signingRequest('e2e-example'),
  signerName,
  expirationSeconds: 3600,
  usages: ['client auth'],
});

apiOperations('certificate signing requests support every API operation', {
  ...CERTIFICATES,
  resource: 'certificatesigningrequests',
  object: () => ({ spec: spec('example.com/e2e') }),
  subresources: ['approval'],
  status: { certificate: certificate() },
});

story('a signing request is approved and signed', async ({ api, unique, after }) => {
  const name = unique('csr');
  const path = `${REQUESTS}/${name}`;
  after(() => api.send('DELETE', path));
  const created = await api.create(REQUESTS, { metadata: { name }, spec: spec('kubernetes.io/kube-apiserver-client') });
  expect(created.spec).toMatchObject({
    username: 'kubernetes-admin',
    groups: expect.arrayContaining(['system:masters']),
  });
  const condition = { type: 'Approved', status: 'True', reason: 'E2E', message: 'Set from an e2e test' };
  await api.patch(`${path}/approval`, 'merge', {
    metadata: { annotations: { patchedapproval: 'true' } },
    status: { conditions: [{ ...condition, type: 'ApprovalPatch' }] },
  });
  const approved = await api.update(path, (object) => object.status.conditions.push(condition), '/approval');
  expect(approved.status.conditions).toContainEqual(expect.objectContaining(condition));
  await eventually(async () => {
    const { status } = await api.get(path);
    expect(Buffer.from(status.certificate, 'base64').toString()).toContain('BEGIN CERTIFICATE');
  });
});
