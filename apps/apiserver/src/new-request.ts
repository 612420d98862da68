import { randomUUID } from 'node:crypto';
import type { Request, Response } from 'express';
import { badRequest } from '@pilothouse/apimachinery';
import type { Clock } from '@pilothouse/component';
import { newAuditNotes } from './audit/audit-notes.ts';
import { ANONYMOUS } from './authentication/user-info.ts';
import { parseRequestTarget } from './http/raw-path.ts';
import { parseRequestInfo, type RequestInfo } from './request-info.ts';
import type { ApiRequest, Upgrade } from './request.ts';

/** Subresources that stream for as long as the client likes. */
const STREAMS = new Set(['attach', 'exec', 'portforward', 'proxy']);
const AUDIT_ID = /^[A-Za-z0-9_.:-]{1,64}$/;

/** What the handler chain starts with. A target that is no path is reported by `malformed`. */
export function newApiRequest(
  http: Request,
  response: Response,
  clock: Clock,
  upgrade?: Upgrade,
): { request: ApiRequest; malformed?: Error } {
  const target = parseRequestTarget(http.url);
  const { path, segments, query } = target ?? { path: '/', segments: [], query: new URLSearchParams() };
  const info = parseRequestInfo(http.method, path, segments, query);
  const abort = new AbortController();
  response.once('close', () => {
    // Not `writableFinished`, which HTTP/2 says of cancelled streams too.
    if (!response.writableEnded) abort.abort(new Error('the client has gone'));
  });
  const given = http.headers['audit-id'];
  const request: ApiRequest = {
    http,
    response,
    method: http.method,
    headers: http.headers,
    query,
    info,
    auditId: typeof given === 'string' && AUDIT_ID.test(given) ? given : randomUUID(),
    receivedAt: clock.now(),
    startedMs: clock.monotonicMs(),
    user: ANONYMOUS,
    abort,
    warnings: new Set(),
    longRunning: isLongRunning(info, query),
    audit: newAuditNotes(),
    responseBytes: 0,
    waitedMs: 0,
    ...(upgrade ? { upgrade } : {}),
  };
  return target === undefined ? { request, malformed: badRequest('the request path is malformed') } : { request };
}

function isLongRunning(info: RequestInfo, query: URLSearchParams): boolean {
  if (info.verb === 'watch' || STREAMS.has(info.subresource)) return true;
  return info.subresource === 'log' && query.get('follow') === 'true';
}
