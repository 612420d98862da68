import { signPublicKey } from './certificate.ts';
import type { CertificateSubject } from './certificate.ts';
import type { CertificatePair } from './key-pair.ts';
import { generateKey, keyToPem, toCryptoKeys } from './key-pair.ts';
import { toSigningKey } from './signing-key.ts';
import * as x509 from './x509.ts';

const SUBJECT_ALT_NAME = '2.5.29.17';

/** What a PKCS #10 request asks for. */
export interface CertificateRequest {
  readonly commonName: string;
  readonly organizations: readonly string[];
  readonly dnsNames: readonly string[];
  readonly ipAddresses: readonly string[];
  readonly emailAddresses: readonly string[];
  readonly uris: readonly string[];
  /** False when the request is not signed by the key it names. */
  readonly signatureValid: boolean;
}

export async function createCertificateRequest(
  subject: Pick<CertificateSubject, 'commonName' | 'organizations'>,
): Promise<{ requestPem: string; keyPem: string }> {
  const key = generateKey();
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    name: [
      ...(subject.organizations ?? []).map((organization) => ({ O: [organization] })),
      { CN: [subject.commonName] },
    ],
    keys: toCryptoKeys(key),
    signingAlgorithm: toSigningKey(key).algorithm,
  });
  return { requestPem: `${request.toString('pem').trim()}\n`, keyPem: keyToPem(key) };
}

export async function readCertificateRequest(requestPem: string): Promise<CertificateRequest> {
  const request = new x509.Pkcs10CertificateRequest(requestPem);
  const alternativeNames = request.getExtension(SUBJECT_ALT_NAME) as x509.SubjectAlternativeNameExtension | null;
  const names = alternativeNames?.names.items ?? [];
  const namesOf = (type: string): string[] => names.filter((name) => name.type === type).map((name) => name.value);
  return {
    commonName: request.subjectName.getField('CN')[0] ?? '',
    organizations: request.subjectName.getField('O'),
    dnsNames: namesOf('dns'),
    ipAddresses: namesOf('ip'),
    emailAddresses: namesOf('email'),
    uris: namesOf('url'),
    signatureValid: await request.verify(),
  };
}

/** Signs what the request asks for, as the CSR signing controller does. */
export async function signCertificateRequest(
  authority: CertificatePair,
  requestPem: string,
  { usages, days, now }: Pick<CertificateSubject, 'usages' | 'days' | 'now'>,
): Promise<string> {
  const { commonName, organizations, dnsNames, ipAddresses } = await readCertificateRequest(requestPem);
  return signPublicKey(authority, new x509.Pkcs10CertificateRequest(requestPem).publicKey, {
    commonName,
    organizations,
    hosts: [...dnsNames, ...ipAddresses],
    usages,
    ...(days === undefined ? {} : { days }),
    ...(now === undefined ? {} : { now }),
  });
}
