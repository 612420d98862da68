import { posix } from 'node:path';
import { badRequest, isJsonObject, JsonDecodeError, parseJson } from '@pilothouse/apimachinery';

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
  const corrupt = firstCorruptByte(token);
  if (corrupt !== undefined) {
    throw invalid(`continue key is not valid: illegal base64 data at input byte ${corrupt}`);
  }
  try {
    const { value } = parseJson(Buffer.from(token, 'base64url').toString());
    return isJsonObject(value) ? value : {};
  } catch (error) {
    if (error instanceof JsonDecodeError) throw invalid(`continue key is not valid: ${error.message}`);
    throw error;
  }
}

/** Where Go's decoder of unpadded base64url gives up. */
function firstCorruptByte(text: string): number | undefined {
  const at = text.search(/[^A-Za-z0-9_-]/);
  if (at >= 0) return at;
  return text.length % 4 === 1 ? text.length - 1 : undefined;
}

function invalid(why: string) {
  return badRequest(`invalid continue token: ${why}`);
}
