import { StatusError, internalError, type Status } from '@pilothouse/apimachinery';
import { negotiate, PLAIN_OFFER, wantsPretty } from '../negotiation/negotiate.ts';
import { MEDIA_TYPE, type Encoding } from '../negotiation/media-types.ts';
import { encodeStatus } from '../negotiation/encode-status.ts';
import type { ApiRequest } from '../request.ts';
import { PageNotFound } from './page-not-found.ts';
import { respondBytes } from './respond.ts';

/** What was thrown, as the one type that goes on the wire. */
export function toStatusError(error: unknown): StatusError {
  return error instanceof StatusError ? error : internalError(error);
}

/** Answers with the error in the encoding that the client reads, or JSON when it reads none of ours. */
export async function respondError(request: ApiRequest, error: unknown): Promise<void> {
  const { response } = request;
  // Too late for another answer: the client must notice that this one is incomplete.
  if (response.headersSent) return void (response.writableEnded || response.destroy());
  if (error instanceof PageNotFound) {
    const headers = { 'x-content-type-options': 'nosniff' };
    return respondBytes(request, 404, 'text/plain; charset=utf-8', Buffer.from(error.text), headers);
  }
  const { status } = toStatusError(error);
  const retryAfter = status.details?.retryAfterSeconds;
  await respondStatus(request, status, retryAfter ? { 'retry-after': String(retryAfter) } : undefined);
}

export async function respondStatus(
  request: ApiRequest,
  status: Status,
  headers?: Record<string, string>,
): Promise<void> {
  request.audit.status = status;
  const encoding = encodingForStatus(request);
  const pretty = encoding === 'json' && wantsPretty(request.query, request.headers['user-agent']);
  const body = encodeStatus(status, encoding, pretty);
  await respondBytes(request, status.code ?? 200, MEDIA_TYPE[encoding], body, headers);
}

function encodingForStatus(request: ApiRequest): Encoding {
  try {
    return negotiate(stripTransforms(request.headers.accept), PLAIN_OFFER).encoding;
  } catch {
    return 'json';
  }
}

/** A Status is never a table; the client that asked for one still names the encoding it reads. */
function stripTransforms(accept: string | undefined): string | undefined {
  return accept?.replace(/;\s*(as|g|v|stream)=[^;,]*/g, '');
}
