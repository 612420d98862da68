import type { IncomingHttpHeaders } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Request, Response } from 'express';
import type { AuditNotes } from './audit/audit-notes.ts';
import type { RequestInfo } from './request-info.ts';
import type { UserInfo } from './authentication/user-info.ts';

/** One request on its way through the handler chain. Each filter adds what it finds out. */
export interface ApiRequest {
  readonly http: Request;
  readonly response: Response;
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  readonly query: URLSearchParams;
  readonly info: RequestInfo;
  /** Also in the answer's `Audit-Id` header. */
  readonly auditId: string;
  readonly receivedAt: Date;
  /** Monotonic milliseconds. */
  readonly startedMs: number;
  /** Set by authentication, replaced by impersonation. */
  user: UserInfo;
  /** Who really asks, when `user` is impersonated. */
  originalUser?: UserInfo;
  /** Aborts when the client has gone, the request timed out, or (for a watch) the server shuts down. */
  readonly abort: AbortController;
  /** Texts for `Warning: 299` headers, each said once. */
  readonly warnings: Set<string>;
  /** Watches and streams: exempt from timeouts, and from in-flight limits once they have begun. */
  readonly longRunning: boolean;
  readonly audit: AuditNotes;
  /** How long it may take: set by the filter that sees to it, absent for what is long-running. */
  timeLimitMs?: number;
  /** How long it has waited for its turn in flow control. */
  waitedMs: number;
  /** Called when a stream's headers are out, long before it ends. */
  onResponseStarted?: () => void;
  /** Of the answer's body, as sent. */
  responseBytes: number;
  /** Present when the client wants to speak another protocol on its connection: WebSocket or SPDY. */
  readonly upgrade?: Upgrade;
}

export interface Upgrade {
  /** What the client has already sent beyond the request. */
  readonly head: Buffer;
  /** Takes the connection over; from then on there is no HTTP response. */
  hijack(): Duplex;
}

/** One concern of the handler chain. What it does after `await next()` runs on the way back. */
export type Filter = (request: ApiRequest, next: () => Promise<void>) => Promise<void>;

/** Chains filters around an end: the first listed is the outermost. */
export function compose(filters: readonly Filter[], end: (request: ApiRequest) => Promise<void>) {
  return (request: ApiRequest): Promise<void> => {
    const run = (index: number): Promise<void> => {
      const filter = filters[index];
      return filter === undefined ? end(request) : filter(request, () => run(index + 1));
    };
    return run(0);
  };
}
