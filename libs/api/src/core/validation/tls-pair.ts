import { createPrivateKey, createPublicKey, type KeyObject, X509Certificate } from 'node:crypto';

interface PemBlock {
  readonly type: string;
  readonly bytes: Buffer;
}

const BLOCK = /-----BEGIN ([^\n]*?)-----[ \t\r]*\n([\s\S]*?)-----END \1-----/g;

/** What keeps a certificate and a key from being used together, as Go's tls.X509KeyPair says it. */
export function tlsPairProblem(certificate: Buffer, key: Buffer): string | undefined {
  const inCertificate = pemBlocks(certificate);
  const first = inCertificate.find(({ type }) => type === 'CERTIFICATE');
  if (!first) return missingCertificate(inCertificate.map(({ type }) => type));
  const inKey = pemBlocks(key);
  const keyBlock = inKey.find(({ type }) => type === 'PRIVATE KEY' || type.endsWith(' PRIVATE KEY'));
  if (!keyBlock) return missingKey(inKey.map(({ type }) => type));
  const publicKey = attempt(() => new X509Certificate(first.bytes).publicKey);
  if (!publicKey) return 'x509: malformed certificate';
  const privateKey = privateKeyOf(keyBlock.bytes);
  if (!privateKey) return 'tls: failed to parse private key';
  if (privateKey.asymmetricKeyType !== publicKey.asymmetricKeyType) {
    return 'tls: private key type does not match public key type';
  }
  return createPublicKey(privateKey).equals(publicKey) ? undefined : 'tls: private key does not match public key';
}

function missingCertificate(skipped: readonly string[]): string {
  if (skipped.length === 0) return 'tls: failed to find any PEM data in certificate input';
  if (skipped.length === 1 && skipped[0]?.endsWith('PRIVATE KEY')) {
    return 'tls: failed to find certificate PEM data in certificate input, but did find a private key; PEM inputs may have been switched';
  }
  return `tls: failed to find "CERTIFICATE" PEM block in certificate input after skipping PEM blocks of the following types: [${skipped.join(' ')}]`;
}

function missingKey(skipped: readonly string[]): string {
  if (skipped.length === 0) return 'tls: failed to find any PEM data in key input';
  if (skipped.length === 1 && skipped[0] === 'CERTIFICATE') {
    return 'tls: found a certificate rather than a key in the PEM for the private key';
  }
  return `tls: failed to find PEM block with type ending in "PRIVATE KEY" in key input after skipping PEM blocks of the following types: [${skipped.join(' ')}]`;
}

function pemBlocks(text: Buffer): PemBlock[] {
  return [...text.toString('latin1').matchAll(BLOCK)].map(([, type = '', body = '']) => ({
    type,
    // Headers, if any, end with an empty line.
    bytes: Buffer.from(body.includes(':') ? body.slice(body.indexOf('\n\n') + 2) : body, 'base64'),
  }));
}

function privateKeyOf(der: Buffer): KeyObject | undefined {
  for (const type of ['pkcs1', 'pkcs8', 'sec1'] as const) {
    const key = attempt(() => createPrivateKey({ key: der, format: 'der', type }));
    if (key) return key;
  }
  return undefined;
}

function attempt<T>(make: () => T): T | undefined {
  try {
    return make();
  } catch {
    return undefined;
  }
}
