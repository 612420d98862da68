import { posix } from 'node:path';
import { badRequest } from '@pilothouse/apimachinery';

/** Where the next page starts. Upstream's format, so that a client may go on at another kind of apiserver. */
export interface ContinueToken {
  /** The snapshot; negative for "whatever is latest", after the snapshot was compacted. */
  readonly revision: number;
  /** Below the list's prefix. */
  readonly start: string;
}

export function encodeContinueToken({ revision, start }: ContinueToken): string {
  return Buffer.from(JSON.stringify({ v: 'meta.k8s.io/v1', rv: revision, start })).toString('base64url');
}

/** The key just behind `path`. */
export function keyAfter(path: string): string {
  return `${path}\0`;
}

export function decodeContinueToken(token: string): ContinueToken {
  const { v, rv, start } = parse(token);
  if (v !== 'meta.k8s.io/v1') {
    throw invalid(`continue key is not valid: server does not recognize this encoded version ${String(v ?? '')}`);
  }
  if (!Number.isSafeInteger(rv) || rv === 0) {
    throw invalid('continue key is not valid: incorrect encoded start resourceVersion (version meta.k8s.io/v1)');
  }
  if (typeof start !== 'string' || start === '') {
    throw invalid('continue key is not valid: encoded start key empty (version meta.k8s.io/v1)');
  }
  // A client made token must not lead out of the prefix.
  const path = start.startsWith('/') ? start : `/${start}`;
  if (posix.normalize(path) !== path || path.endsWith('/')) throw invalid(`continue key is not valid: ${start}`);
  return { revision: rv as number, start: path.slice(1) };
}

function parse(token: string): Record<string, unknown> {
  if (!/^[A-Za-z0-9_-]*$/.test(token)) throw invalid('continue key is not valid: illegal base64 data');
  try {
    const parsed: unknown = JSON.parse(Buffer.from(token, 'base64url').toString());
    if (typeof parsed === 'object' && parsed !== null) return parsed as Record<string, unknown>;
  } catch {
    // Reported below like everything that is no token.
  }
  throw invalid('continue key is not valid: the token is not JSON');
}

function invalid(why: string) {
  return badRequest(`invalid continue token: ${why}`);
}
