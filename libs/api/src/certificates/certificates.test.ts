import 'reflect-metadata';
import { createPrivateKey, generateKeyPairSync, sign, webcrypto } from 'node:crypto';
import type {
  CertificateSigningRequest,
  CertificateSigningRequestCondition,
  ClusterTrustBundle,
  PodCertificateRequest,
} from '@pilothouse/api';
import * as x509 from '@peculiar/x509';
import { beforeAll, describe, expect, it } from 'vitest';
import { cellsOf, CONTEXT, created, exampleMeta, problemsOnCreate, problemsOnUpdate } from '../core/example-objects.ts';
import { certificateSigningRequest as kind } from './certificate-signing-request.ts';
import { clusterTrustBundle } from './cluster-trust-bundle.ts';
import { podCertificateRequest } from './pod-certificate-request.ts';

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const ecdsa = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
let csr = '';
let authority = '';
let leaf = '';

beforeAll(async () => {
  x509.cryptoProvider.set(webcrypto as never);
  const keys = (await webcrypto.subtle.generateKey(ecdsa, true, ['sign', 'verify'])) as webcrypto.CryptoKeyPair;
  csr = (
    await x509.Pkcs10CertificateRequestGenerator.create({ name: 'CN=bob', keys, signingAlgorithm: ecdsa })
  ).toString('pem');
  const certificate = (ca: boolean) =>
    x509.X509CertificateGenerator.createSelfSigned({
      name: 'CN=ca',
      keys,
      signingAlgorithm: ecdsa,
      extensions: [new x509.BasicConstraintsExtension(ca)],
    });
  authority = (await certificate(true)).toString('pem');
  leaf = (await certificate(false)).toString('pem');
});

const example = (change: object = {}): CertificateSigningRequest => ({
  metadata: { name: 'anything at all' },
  spec: { request: base64(csr), signerName: 'example.com/signer', usages: ['client auth'], ...change },
});

describe('CertificateSigningRequest', () => {
  it('is from whoever sent it', () => {
    const each = created(kind, example({ username: 'root', groups: ['system:masters'], uid: '1' }));
    expect(each.spec).toMatchObject({ username: 'alice', groups: ['system:authenticated'] });
    expect(each.spec.uid).toBeUndefined();
  });

  it('must be signed with the key it is for', () => {
    expect(problemsOnCreate(kind, example())).toEqual([]);
    expect(problemsOnCreate(kind, example({ request: base64('nonsense') }))[0]).toMatch(
      /^spec\.request: .*PEM block type must be CERTIFICATE REQUEST$/,
    );
    const der = Buffer.from(csr.replace(/-----[^-]*-----|\s/g, ''), 'base64');
    der[der.length - 1]! ^= 1;
    const forged = `-----BEGIN CERTIFICATE REQUEST-----\n${der.toString('base64')}\n-----END CERTIFICATE REQUEST-----\n`;
    expect(problemsOnCreate(kind, example({ request: base64(forged) }))).toHaveLength(1);
  });

  it.each<[object, string[]]>([
    [{ usages: [] }, ['spec.usages: Required value']],
    [{ usages: ['signing', 'signing'] }, ['spec.usages[1]: Duplicate value: "signing"']],
    [
      { signerName: 'kubernetes.io/legacy-unknown' },
      [
        'spec.signerName: Invalid value: "kubernetes.io/legacy-unknown": the legacy signerName is not allowed via this API version',
      ],
    ],
    [
      { expirationSeconds: 599 },
      ['spec.expirationSeconds: Invalid value: 599: may not specify a duration less than 600 seconds (10 minutes)'],
    ],
  ])('%j', (change, problems) => {
    expect(problemsOnCreate(kind, example(change))).toEqual(problems);
  });

  const condition = (type: string): CertificateSigningRequestCondition => ({ type, status: 'True', reason: 'Because' });
  const with_ = (each: CertificateSigningRequest, ...types: string[]): CertificateSigningRequest => {
    each.status = { ...each.status, conditions: [...(each.status?.conditions ?? []), ...types.map(condition)] };
    return each;
  };

  it('is decided through approval only, once', () => {
    const fresh = created(kind, example());
    const decided = created(kind, with_(example(), 'Approved'));
    expect(problemsOnUpdate(kind, fresh, (each) => with_(each, 'Approved'), 'approval')).toEqual([]);
    expect(problemsOnUpdate(kind, fresh, (each) => with_(each, 'Approved'), 'status')).toEqual([
      'status.conditions: Forbidden: updates may not add a condition of type "Approved"',
    ]);
    expect(problemsOnUpdate(kind, decided, (each) => with_(each, 'Denied'), 'approval')).toEqual([
      'status.conditions: Invalid value: "Denied": Approved and Denied conditions are mutually exclusive',
    ]);
    expect(problemsOnUpdate(kind, decided, (each) => (each.status = {}), 'approval')).toEqual([
      'status.conditions: Forbidden: updates may not remove a condition of type "Approved"',
    ]);
  });

  it('says since when it is decided', () => {
    const next = with_(created(kind, example()), 'Approved');
    kind.subresources!.approval!.strategy!.prepareForUpdate!(next, created(kind, example()), CONTEXT);
    expect(next.status!.conditions).toMatchObject([
      { lastUpdateTime: '2026-05-01T12:00:00Z', lastTransitionTime: '2026-05-01T12:00:00Z' },
    ]);
  });

  it('is issued through status only, once', () => {
    const issue = (each: CertificateSigningRequest): void =>
      void (each.status = { ...each.status, certificate: base64(leaf) });
    const fresh = created(kind, example());
    expect(problemsOnUpdate(kind, fresh, issue, 'status')).toEqual([]);
    expect(problemsOnUpdate(kind, fresh, (each) => (each.status = { certificate: base64('x') }), 'status')).toEqual([
      'status.certificate: Invalid value: "<certificate data>": must contain at least one CERTIFICATE PEM block',
    ]);
    const issued = created(kind, example());
    issue(issued);
    expect(
      problemsOnUpdate(kind, issued, (each) => (each.status = { certificate: base64(authority) }), 'status'),
    ).toEqual(['status.certificate: Forbidden: updates may not modify existing certificate content']);
  });

  it('changes nothing but metadata in itself', () => {
    const old = created(kind, example());
    const change = (each: CertificateSigningRequest): void => void (with_(each, 'Denied').spec.usages = ['any']);
    expect(problemsOnUpdate(kind, old, change)).toEqual([]);
  });

  it('prints what became of it', () => {
    const cell = (each: CertificateSigningRequest): unknown => cellsOf(kind.columns, each).at(-1);
    const issued = with_(example(), 'Approved');
    issued.status!.certificate = base64(leaf);
    expect([cell(example()), cell(with_(example(), 'Denied')), cell(issued)]).toEqual([
      'Pending',
      'Denied',
      'Approved,Issued',
    ]);
  });
});

describe('ClusterTrustBundle', () => {
  const bundle = (trustBundle: string, name = 'a', signerName?: string): ClusterTrustBundle => ({
    metadata: { name },
    spec: { trustBundle, ...(signerName ? { signerName } : {}) },
  });
  const omitted = 'spec.trustBundle: Invalid value: "<value omitted>": ';

  it('holds authorities, each once', () => {
    expect(problemsOnCreate(clusterTrustBundle, bundle(authority))).toEqual([]);
    expect(problemsOnCreate(clusterTrustBundle, bundle(leaf))).toEqual([
      `${omitted}entry 0 does not have the CA bit set`,
    ]);
    expect(problemsOnCreate(clusterTrustBundle, bundle(''))).toEqual([
      `${omitted}at least one trust anchor must be provided`,
    ]);
    expect(problemsOnCreate(clusterTrustBundle, bundle(`${authority}\n${authority}`))).toEqual([
      `${omitted}duplicate trust anchor (indices [0 1])`,
    ]);
    expect(problemsOnCreate(clusterTrustBundle, bundle(csr))).toEqual([
      `${omitted}entry 0 has bad block type: CERTIFICATE REQUEST`,
    ]);
  });

  it('is named after its signer', () => {
    expect(
      problemsOnCreate(clusterTrustBundle, bundle(authority, 'example.com:signer:a', 'example.com/signer')),
    ).toEqual([]);
    expect(problemsOnCreate(clusterTrustBundle, bundle(authority, 'a', 'example.com/signer'))).toEqual([
      'metadata.name: Invalid value: "a": ClusterTrustBundle for signerName example.com/signer must be named with prefix example.com:signer:',
    ]);
  });
});

describe('PodCertificateRequest', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const key = createPrivateKey(privateKey.export({ format: 'pem', type: 'pkcs8' }));
  const request = (change: object = {}): PodCertificateRequest => ({
    metadata: exampleMeta(),
    spec: {
      signerName: 'example.com/signer',
      podName: 'p',
      podUID: 'pod-uid',
      serviceAccountName: 's',
      serviceAccountUID: 'sa-uid',
      nodeName: 'n',
      nodeUID: 'node-uid',
      maxExpirationSeconds: 86_400,
      pkixPublicKey: publicKey.export({ format: 'der', type: 'spki' }).toString('base64'),
      proofOfPossession: sign(null, Buffer.from('pod-uid'), key).toString('base64'),
      stubPKCS10Request: '',
      ...change,
    },
  });

  it('proves that the pod has the key', () => {
    expect(problemsOnCreate(podCertificateRequest, request())).toEqual([]);
    expect(problemsOnCreate(podCertificateRequest, request({ podUID: 'another' }))).toEqual([
      'spec.proofOfPossession: Invalid value: could not verify proof-of-possession signature',
    ]);
    expect(problemsOnCreate(podCertificateRequest, request({ maxExpirationSeconds: 1 }))).toEqual([
      'spec.maxExpirationSeconds: Invalid value: 1: must be in the range [3600, 7862400]',
    ]);
  });

  it('is decided once', () => {
    const denied = {
      type: 'Denied',
      status: 'True',
      lastTransitionTime: '2026-05-01T12:00:00Z',
      reason: 'Because',
      message: '',
    };
    const deny = (each: PodCertificateRequest): void => void (each.status = { conditions: [denied] });
    const old = request();
    expect(problemsOnUpdate(podCertificateRequest, old, deny, 'status')).toEqual([]);
    deny(old);
    expect(problemsOnUpdate(podCertificateRequest, old, (each) => (each.status = {}), 'status')).toEqual([
      'status: Invalid value: immutable after PodCertificateRequest is issued, denied, or failed',
    ]);
    expect(cellsOf(podCertificateRequest.columns, old)[5]).toBe('Denied');
  });
});
