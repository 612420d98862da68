import { createHash, createPrivateKey, createPublicKey, sign, type KeyObject } from 'node:crypto';

/** A JSON Web Token, signed as upstream signs: RS256, or ES256, ES384 and ES512 by the key's curve. */
export function signToken(privateKeyPem: string, claims: Readonly<Record<string, string>>): string {
  const key = createPrivateKey(privateKeyPem);
  const { algorithm, hash } = algorithmOf(key);
  const spki = createPublicKey(privateKeyPem).export({ type: 'spki', format: 'der' });
  const header = { alg: algorithm, kid: createHash('sha256').update(spki).digest('base64url') };
  const encode = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url');
  const text = `${encode(header)}.${encode(claims)}`;
  return `${text}.${sign(hash, Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
}

function algorithmOf(key: KeyObject): { readonly algorithm: string; readonly hash: string } {
  if (key.asymmetricKeyType === 'rsa') return { algorithm: 'RS256', hash: 'sha256' };
  const bits = { prime256v1: 256, secp384r1: 384, secp521r1: 512 }[key.asymmetricKeyDetails?.namedCurve ?? ''];
  if (bits === undefined) throw new Error(`a service account key must be RSA or ECDSA, not ${key.asymmetricKeyType}`);
  return { algorithm: `ES${bits}`, hash: `sha${bits}` };
}
