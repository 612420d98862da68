import { expect, it } from 'vitest';
import type { CertificateRequest } from '@pilothouse/pki';
import { signers } from './signers.ts';

const request: CertificateRequest = {
  commonName: 'system:node:a',
  organizations: ['system:nodes'],
  dnsNames: [],
  ipAddresses: [],
  emailAddresses: [],
  uris: [],
  signatureValid: true,
};
const CLIENT = ['digital signature', 'client auth'];
const SERVING = ['digital signature', 'key encipherment', 'server auth'];

it.each<[string, Partial<CertificateRequest>, string[], string | undefined]>([
  ['kube-apiserver-client', {}, CLIENT, undefined],
  ['kube-apiserver-client', {}, SERVING, 'invalid usage for client certificate: server auth'],
  ['kube-apiserver-client', {}, ['digital signature'], 'missing required usage for client certificate: client auth'],
  ['kube-apiserver-client-kubelet', {}, CLIENT, undefined],
  [
    'kube-apiserver-client-kubelet',
    {},
    SERVING,
    'usages did not match [client auth digital signature key encipherment]',
  ],
  ['kube-apiserver-client-kubelet', { uris: ['spiffe://x'] }, CLIENT, 'URI subjectAltNames are not allowed'],
  [
    'kube-apiserver-client-kubelet',
    { commonName: 'a' },
    CLIENT,
    'subject common name does not begin with system:node:',
  ],
  ['kubelet-serving', { dnsNames: ['a'] }, SERVING, undefined],
  ['kubelet-serving', {}, SERVING, 'DNS or IP subjectAltName is required'],
  ['kubelet-serving', { organizations: ['x'] }, SERVING, 'subject organization is not system:nodes'],
  ['kubelet-serving', { dnsNames: ['a'], emailAddresses: ['a@b'] }, SERVING, 'Email subjectAltNames are not allowed'],
])('the signer %s for %j with %j says: %s', (name, more, usages, refusal) => {
  const signer = signers.find((each) => each.name === `kubernetes.io/${name}`)!;
  expect(signer.refusal({ ...request, ...more }, usages)).toBe(refusal);
});
