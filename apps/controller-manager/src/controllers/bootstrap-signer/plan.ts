import { createHmac } from 'node:crypto';
import type { Secret } from '@pilothouse/api';

const SIGNATURE_PREFIX = 'jws-kubeconfig-';
const TOKEN_ID = /^[a-z0-9]{6}$/;
const TOKEN_SECRET = /^[a-z0-9]{16}$/;

/**
 * The data of the ConfigMap with the signatures of all tokens that may sign, and of no other; the same object when it
 * says so already. Pure.
 */
export function planSignatures(
  data: Readonly<Record<string, string>>,
  tokens: readonly Secret[],
  now: Date,
): Readonly<Record<string, string>> {
  const { kubeconfig } = data;
  if (kubeconfig === undefined) return data;
  const unsigned = Object.entries(data).filter(([key]) => !key.startsWith(SIGNATURE_PREFIX));
  const signatures = tokens
    .map((token) => readSigningToken(token, now))
    .filter((token) => token !== undefined)
    .map(({ id, secret }) => [`${SIGNATURE_PREFIX}${id}`, detachedSignature(kubeconfig, id, secret)] as const);
  const next = Object.fromEntries([...unsigned, ...signatures]);
  const isSame =
    Object.keys(next).length === Object.keys(data).length &&
    Object.entries(next).every(([key, value]) => data[key] === value);
  return isSame ? data : next;
}

/** A JSON Web Signature whose payload is left out: it stands beside it. RFC 7515, appendix F. */
export function detachedSignature(content: string, tokenId: string, tokenSecret: string): string {
  const header = Buffer.from(JSON.stringify({ alg: 'HS256', kid: tokenId })).toString('base64url');
  const payload = Buffer.from(content).toString('base64url');
  const signature = createHmac('sha256', tokenSecret).update(`${header}.${payload}`).digest('base64url');
  return `${header}..${signature}`;
}

/** The two halves of a token that is meant for signing, well formed, under its own name and not over. */
function readSigningToken(
  { metadata, data }: Secret,
  now: Date,
): { readonly id: string; readonly secret: string } | undefined {
  const read = (key: string): string => Buffer.from(data?.[key] ?? '', 'base64').toString();
  const [id, secret, expiration] = [read('token-id'), read('token-secret'), read('expiration')];
  if (!TOKEN_ID.test(id) || !TOKEN_SECRET.test(secret) || metadata.name !== `bootstrap-token-${id}`) return undefined;
  if (expiration !== '' && !(Date.parse(expiration) > now.getTime())) return undefined;
  return read('usage-bootstrap-signing') === 'true' ? { id, secret } : undefined;
}
