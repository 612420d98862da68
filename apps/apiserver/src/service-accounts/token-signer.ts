import { createHash, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { SignJWT, type JWTPayload } from 'jose';

/** Signs service account tokens. */
export interface TokenSigner {
  readonly issuer: string;
  sign(claims: JWTPayload): Promise<string>;
}

/** Throws when the text is no private key of a kind that tokens can be signed with. */
export function createTokenSigner(privateKeyPem: string, issuer: string): TokenSigner {
  const key = createPrivateKey(privateKeyPem);
  const header = { alg: algorithmOf(key), kid: keyId(createPublicKey(privateKeyPem)) };
  return {
    issuer,
    sign: (claims) => new SignJWT({ ...claims, iss: issuer }).setProtectedHeader(header).sign(key),
  };
}

export function algorithmOf(key: KeyObject): string {
  if (key.asymmetricKeyType === 'rsa') return 'RS256';
  const algorithm = { prime256v1: 'ES256', secp384r1: 'ES384', secp521r1: 'ES512' }[
    key.asymmetricKeyDetails?.namedCurve ?? ''
  ];
  if (algorithm === undefined)
    throw new Error(`a service account key must be RSA or ECDSA, not ${key.asymmetricKeyType}`);
  return algorithm;
}

/** As upstream names keys: the hash of the public key. */
export function keyId(key: KeyObject): string {
  return createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest('base64url');
}
