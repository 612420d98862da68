import { constants, createPublicKey, verify, type KeyObject } from 'node:crypto';
import { BIT_STRING, OBJECT_IDENTIFIER, readDer, readDerSequence, SEQUENCE, type DerValue } from './der.ts';

/** A PKCS#10 request (RFC 2986) that has been taken apart and whose signature has been checked. */
export interface CertificateRequest {
  readonly publicKey: KeyObject;
}

interface SignatureAlgorithm {
  readonly hash: string | null;
  readonly isPss?: boolean;
  /** What it is called when it is not to be relied on. */
  readonly insecure?: string;
}

/** By the DER bytes of the object identifier. */
const ALGORITHMS: Readonly<Record<string, SignatureAlgorithm>> = {
  '2a864886f70d010104': { hash: 'md5', insecure: 'MD5-RSA' },
  '2a864886f70d010105': { hash: 'sha1', insecure: 'SHA1-RSA' },
  '2a8648ce3d0401': { hash: 'sha1', insecure: 'ECDSA-SHA1' },
  '2a864886f70d01010b': { hash: 'sha256' },
  '2a864886f70d01010c': { hash: 'sha384' },
  '2a864886f70d01010d': { hash: 'sha512' },
  '2a864886f70d01010a': { hash: 'sha256', isPss: true },
  '2a8648ce3d040302': { hash: 'sha256' },
  '2a8648ce3d040303': { hash: 'sha384' },
  '2a8648ce3d040304': { hash: 'sha512' },
  '2b6570': { hash: null },
};

/** What is said of a signature that the key did not make, by the kind of key. */
const FAILURES: Readonly<Record<string, string>> = {
  rsa: 'crypto/rsa: verification error',
  ec: 'x509: ECDSA verification failure',
  ed25519: 'x509: Ed25519 verification failure',
};

/** Throws when the bytes are no request, or when whoever made it does not have the key it is for. */
export function readCertificateRequest(der: Buffer): CertificateRequest {
  const [info, algorithm, signature] = readDerSequence(der, 'certificateRequest');
  if (info?.tag !== SEQUENCE || algorithm?.tag !== SEQUENCE || signature?.tag !== BIT_STRING) {
    throw new Error("asn1: structure error: tags don't match");
  }
  const [, , keyInfo] = readDer(info.content);
  if (keyInfo?.tag !== SEQUENCE) throw new Error("asn1: structure error: tags don't match");
  const publicKey = createPublicKey({ key: keyInfo.whole, format: 'der', type: 'spki' });
  if (!isSigned(info.whole, algorithm, signature.content.subarray(1), publicKey))
    throw new Error(FAILURES[publicKey.asymmetricKeyType ?? ''] ?? 'x509: signature verification failed');
  return { publicKey };
}

function isSigned(data: Buffer, algorithm: DerValue, signature: Buffer, publicKey: KeyObject): boolean {
  const [identifier] = readDer(algorithm.content);
  const known = identifier?.tag === OBJECT_IDENTIFIER ? ALGORITHMS[identifier.content.toString('hex')] : undefined;
  if (known?.insecure) throw new Error(`x509: cannot verify signature: insecure algorithm ${known.insecure}`);
  if (known === undefined) throw new Error('x509: cannot verify signature: algorithm unimplemented');
  const key = known.isPss
    ? { key: publicKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_AUTO }
    : publicKey;
  return verify(known.hash, data, key, signature);
}
