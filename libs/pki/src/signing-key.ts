import type { KeyObject, webcrypto } from 'node:crypto';
import { EC_ALGORITHM } from './key-pair.ts';

/** The authority may be somebody else's, with an RSA key; ours are ECDSA. */
export function toSigningKey(key: KeyObject): {
  key: webcrypto.CryptoKey;
  algorithm: webcrypto.EcdsaParams | webcrypto.Algorithm;
} {
  if (key.asymmetricKeyType === 'rsa') {
    const algorithm = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' } as const;
    return { key: key.toCryptoKey(algorithm, true, ['sign']), algorithm };
  }
  const curve = { prime256v1: 'P-256', secp384r1: 'P-384', secp521r1: 'P-521' }[
    key.asymmetricKeyDetails?.namedCurve ?? 'prime256v1'
  ];
  if (!curve) throw new Error(`unsupported curve ${key.asymmetricKeyDetails?.namedCurve} of the authority's key`);
  const algorithm = { ...EC_ALGORITHM, namedCurve: curve };
  return { key: key.toCryptoKey(algorithm, true, ['sign']), algorithm };
}
