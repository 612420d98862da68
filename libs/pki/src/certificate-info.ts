import { createPrivateKey, X509Certificate } from 'node:crypto';

/** What a certificate says, read with Node's own parser so that checking costs no library. */
export interface CertificateInfo {
  readonly commonName: string;
  readonly organizations: readonly string[];
  readonly issuer: string;
  readonly hosts: readonly string[];
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly isAuthority: boolean;
}

export function certificateInfo(certPem: string): CertificateInfo {
  const cert = new X509Certificate(certPem);
  const subject = nameParts(cert.subject);
  return {
    commonName: subject.get('CN')?.[0] ?? '',
    organizations: subject.get('O') ?? [],
    issuer: nameParts(cert.issuer).get('CN')?.[0] ?? '',
    hosts: (cert.subjectAltName ?? '')
      .split(', ')
      .filter((entry) => entry !== '')
      .map((entry) => entry.replace(/^(DNS|IP Address):/, '')),
    notBefore: new Date(cert.validFrom),
    notAfter: new Date(cert.validTo),
    isAuthority: cert.ca,
  };
}

/** True when less than `marginDays` of validity are left: the time to make a new one. */
export function expiresSoon(certPem: string, marginDays: number, now: Date = new Date()): boolean {
  return certificateInfo(certPem).notAfter.getTime() - now.getTime() < marginDays * 24 * 3600 * 1000;
}

/** Whether the certificate was signed by the authority and belongs to the key. */
export function isUsable(certPem: string, keyPem: string, authorityPem: string): boolean {
  const cert = new X509Certificate(certPem);
  return cert.verify(new X509Certificate(authorityPem).publicKey) && cert.checkPrivateKey(createPrivateKey(keyPem));
}

/** Node prints a name as `O=a\nO=b\nCN=c`, with a backslash before what RFC 2253 reserves. */
function nameParts(name: string): Map<string, string[]> {
  const parts = new Map<string, string[]>();
  for (const line of (name ?? '').split('\n')) {
    const at = line.indexOf('=');
    const key = line.slice(0, at);
    parts.set(key, [...(parts.get(key) ?? []), line.slice(at + 1).replace(/\\(.)/g, '$1')]);
  }
  return parts;
}
