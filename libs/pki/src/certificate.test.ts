import { createPrivateKey, createPublicKey, generateKeyPairSync, sign, verify, X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { certificateInfo, expiresSoon, isUsable } from './certificate-info.ts';
import { createCertificateAuthority, createSignedCertificate } from './certificate.ts';
import { createCertificateRequest, readCertificateRequest, signCertificateRequest } from './certificate-request.ts';
import { createServiceAccountKey } from './key-pair.ts';

const authority = await createCertificateAuthority('kubernetes');

describe('createSignedCertificate', () => {
  it('names the user and groups of a client', async () => {
    const { certPem, keyPem } = await createSignedCertificate(authority, {
      commonName: 'system:node:node-0',
      organizations: ['system:nodes', 'a, b'],
      usages: ['client'],
    });
    expect(certificateInfo(certPem)).toMatchObject({
      commonName: 'system:node:node-0',
      organizations: ['system:nodes', 'a, b'],
      issuer: 'kubernetes',
      isAuthority: false,
    });
    expect(new X509Certificate(certPem).keyUsage).toEqual(['1.3.6.1.5.5.7.3.2']);
    expect(isUsable(certPem, keyPem, authority.certPem)).toBe(true);
  });

  it('names the hosts of a server, addresses as addresses', async () => {
    const { certPem } = await createSignedCertificate(authority, {
      commonName: 'kube-apiserver',
      hosts: ['localhost', '10.96.0.1', '::1'],
      usages: ['server'],
    });
    const cert = new X509Certificate(certPem);
    expect(cert.checkHost('localhost')).toBe('localhost');
    expect(cert.checkIP('10.96.0.1')).toBe('10.96.0.1');
    expect(cert.checkIP('::1')).toBe('::1');
    expect(cert.checkHost('elsewhere')).toBeUndefined();
  });

  it('is not usable under another authority or with another key', async () => {
    const other = await createCertificateAuthority('other');
    const pair = await createSignedCertificate(other, { commonName: 'x', usages: ['client'] });
    expect(isUsable(pair.certPem, pair.keyPem, authority.certPem)).toBe(false);
    expect(isUsable(pair.certPem, authority.keyPem, other.certPem)).toBe(false);
  });

  it('never outlives its authority', async () => {
    const brief = await createCertificateAuthority('brief', { days: 10 });
    const { certPem } = await createSignedCertificate(brief, { commonName: 'x', usages: ['client'], days: 365 });
    expect(certificateInfo(certPem).notAfter).toEqual(certificateInfo(brief.certPem).notAfter);
    expect(expiresSoon(certPem, 11)).toBe(true);
    expect(expiresSoon(certPem, 9)).toBe(false);
  });
});

describe('signCertificateRequest', () => {
  it('gives the requester what it asked for, under its own key', async () => {
    const { requestPem, keyPem } = await createCertificateRequest({ commonName: 'jane', organizations: ['devs'] });
    expect(await readCertificateRequest(requestPem)).toEqual({
      commonName: 'jane',
      organizations: ['devs'],
      dnsNames: [],
      ipAddresses: [],
      emailAddresses: [],
      uris: [],
      signatureValid: true,
    });
    const certPem = await signCertificateRequest(authority, requestPem, { usages: ['client'], days: 1 });
    expect(isUsable(certPem, keyPem, authority.certPem)).toBe(true);
    expect(certificateInfo(certPem)).toMatchObject({ commonName: 'jane', organizations: ['devs'] });
  });

  it('signs with an RSA authority that somebody else has made', async () => {
    const { X509CertificateGenerator, BasicConstraintsExtension } = await import('./x509.ts');
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const algorithm = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };
    const cert = await X509CertificateGenerator.createSelfSigned({
      name: 'CN=rsa',
      signingAlgorithm: algorithm,
      keys: {
        privateKey: privateKey.toCryptoKey(algorithm, true, ['sign']),
        publicKey: publicKey.toCryptoKey(algorithm, true, ['verify']),
      },
      extensions: [new BasicConstraintsExtension(true)],
    });
    const rsa = {
      certPem: cert.toString('pem'),
      keyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
    };
    const leaf = await createSignedCertificate(rsa, { commonName: 'x', usages: ['client'] });
    expect(isUsable(leaf.certPem, leaf.keyPem, rsa.certPem)).toBe(true);
  });
});

describe('createServiceAccountKey', () => {
  it('makes a pair that signs and verifies', () => {
    const { keyPem, publicPem } = createServiceAccountKey();
    const data = Buffer.from('token');
    const signature = sign('sha256', data, createPrivateKey(keyPem));
    expect(keyPem).toContain('BEGIN EC PRIVATE KEY');
    expect(verify('sha256', data, createPublicKey(publicPem), signature)).toBe(true);
  });
});
