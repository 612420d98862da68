import { randomBytes } from 'node:crypto';
import { isIP } from 'node:net';
import type { webcrypto } from 'node:crypto';
import type { CertificatePair } from './key-pair.ts';
import { generateKey, keyFromPem, keyToPem, toCryptoKeys } from './key-pair.ts';
import { toSigningKey } from './signing-key.ts';
import * as x509 from './x509.ts';

const DAY_MS = 24 * 3600 * 1000;

/** kubeadm's lifetimes: ten years for an authority, one for what it signs. */
const AUTHORITY_DAYS = 3650;
const LEAF_DAYS = 365;

export interface CertificateSubject {
  /** In a client certificate: the user. */
  readonly commonName: string;
  /** In a client certificate: the groups. */
  readonly organizations?: readonly string[];
  /** DNS names and IP addresses that a server answers to. */
  readonly hosts?: readonly string[];
  readonly usages: readonly ('server' | 'client')[];
  readonly days?: number;
  /** Starts the validity; the present unless told. */
  readonly now?: Date;
}

export async function createCertificateAuthority(
  commonName: string,
  { days = AUTHORITY_DAYS, now = new Date() }: { days?: number; now?: Date } = {},
): Promise<CertificatePair> {
  const key = generateKey();
  const keys = toCryptoKeys(key);
  const cert = await x509.X509CertificateGenerator.createSelfSigned({
    ...validity(now, days),
    serialNumber: serialNumber(),
    name: distinguishedName(commonName, []),
    signingAlgorithm: toSigningKey(key).algorithm,
    keys,
    extensions: [
      new x509.KeyUsagesExtension(
        x509.KeyUsageFlags.digitalSignature | x509.KeyUsageFlags.keyEncipherment | x509.KeyUsageFlags.keyCertSign,
        true,
      ),
      new x509.BasicConstraintsExtension(true, undefined, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: commonName }]),
    ],
  });
  return { certPem: pem(cert), keyPem: keyToPem(key) };
}

/** A new key and the certificate that the authority gives it. */
export async function createSignedCertificate(
  authority: CertificatePair,
  subject: CertificateSubject,
): Promise<CertificatePair> {
  const key = generateKey();
  const certPem = await signPublicKey(authority, toCryptoKeys(key).publicKey, subject);
  return { certPem, keyPem: keyToPem(key) };
}

/** The certificate for a key that somebody else holds. */
export async function signPublicKey(
  authority: CertificatePair,
  publicKey: webcrypto.CryptoKey | x509.PublicKey,
  subject: CertificateSubject,
): Promise<string> {
  const issuer = new x509.X509Certificate(authority.certPem);
  const { key: signingKey, algorithm } = toSigningKey(keyFromPem(authority.keyPem));
  const { hosts = [], now = new Date() } = subject;
  const cert = await x509.X509CertificateGenerator.create({
    ...validity(now, subject.days ?? LEAF_DAYS, issuer.notAfter),
    serialNumber: serialNumber(),
    subject: distinguishedName(subject.commonName, subject.organizations ?? []),
    issuer: issuer.subjectName.toJSON(),
    publicKey,
    signingKey,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature | x509.KeyUsageFlags.keyEncipherment, true),
      new x509.ExtendedKeyUsageExtension(
        subject.usages.map((usage) => x509.ExtendedKeyUsage[usage === 'server' ? 'serverAuth' : 'clientAuth']),
      ),
      new x509.BasicConstraintsExtension(false, undefined, true),
      await x509.AuthorityKeyIdentifierExtension.create(issuer),
      ...(hosts.length > 0 ? [new x509.SubjectAlternativeNameExtension(hosts.map(generalName))] : []),
    ],
  });
  return pem(cert);
}

/** For a server whose clients do not check: what components serve health checks with when no certificate is given. */
export async function selfSignedServerCert(hosts: readonly string[]): Promise<CertificatePair> {
  const authority = await createCertificateAuthority(`${hosts[0]}-ca`, { days: LEAF_DAYS });
  return createSignedCertificate(authority, { commonName: hosts[0]!, hosts, usages: ['server'] });
}

function generalName(host: string): { type: 'ip' | 'dns'; value: string } {
  return { type: isIP(host) ? 'ip' : 'dns', value: host };
}

function distinguishedName(commonName: string, organizations: readonly string[]): { [name: string]: string[] }[] {
  return [...organizations.map((organization) => ({ O: [organization] })), { CN: [commonName] }];
}

/** An hour back, for clocks that lag. Never longer than the authority itself. */
function validity(now: Date, days: number, latest?: Date): { notBefore: Date; notAfter: Date } {
  const notAfterMs = now.getTime() + days * DAY_MS;
  return {
    notBefore: new Date(now.getTime() - 3600 * 1000),
    notAfter: new Date(latest ? Math.min(notAfterMs, latest.getTime()) : notAfterMs),
  };
}

/** Positive in DER: the highest bit stays clear. */
function serialNumber(): string {
  const bytes = randomBytes(16);
  bytes[0] = (bytes[0]! & 0x7f) | 0x40;
  return bytes.toString('hex');
}

function pem(cert: x509.X509Certificate): string {
  return `${cert.toString('pem').trim()}\n`;
}
