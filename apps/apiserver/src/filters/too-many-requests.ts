import { respondBytes } from '../http/respond.ts';
import type { ApiRequest } from '../request.ts';

const TEXT = Buffer.from('Too many requests, please try again later.\n');

/** 429 in upstream's words: plain text, cheap to make for a server that has enough to do. */
export function refuseTooMany(request: ApiRequest, retryAfterSeconds: number): Promise<void> {
  const headers = { 'retry-after': String(retryAfterSeconds), 'x-content-type-options': 'nosniff' };
  return respondBytes(request, 429, 'text/plain; charset=utf-8', TEXT, headers);
}
