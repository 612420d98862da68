import type { Clock, Tracer } from '@pilothouse/component';
import type { Readable } from 'node:stream';
import type { ClientIdentity } from '../contract.ts';
import type { Leadership } from '../leader-election/leadership.ts';
import type { TokenBucket } from '../flow/token-bucket.ts';
import { readBody, TransportError, type Transport, type TransportResponse } from '../transport/transport.ts';
import { connectionError } from './connection-error.ts';
import { decodeObject, mediaType, PROTOBUF } from './content.ts';
import { planRetry } from './plan-retry.ts';
import { errorFromResponse, statusToError, type Asked } from './response-error.ts';
import type { RestMetrics } from './rest-metrics.ts';
import type { StatusError } from '@pilothouse/apimachinery';

export interface RestRequest {
  readonly method: string;
  /** Path and query, without the server's own prefix. */
  readonly path: string;
  readonly accept?: string;
  readonly contentType?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  readonly signal?: AbortSignal;
}

export interface RestResponse {
  readonly status: number;
  readonly headers: TransportResponse['headers'];
  readonly body: Buffer;
}

export interface OpenResponse {
  readonly body: Readable;
  readonly contentType: string;
  /** See TransportResponse. */
  readonly isComplete: () => boolean;
}

export interface RestClientOptions {
  readonly transport: Transport;
  readonly url: URL;
  readonly userAgent: string;
  readonly token: () => string | undefined | Promise<string>;
  readonly onUnauthorized?: (() => void) | undefined;
  readonly impersonate?: ClientIdentity['impersonate'];
  readonly throttle: TokenBucket | undefined;
  readonly clock: Clock;
  readonly leadership: Leadership | undefined;
  readonly metrics: RestMetrics | undefined;
  readonly tracer: Tracer;
}

/** Requests with identity, throttle, retries and tracing, below any notion of a resource. */
export class RestClient {
  readonly #options: RestClientOptions;
  readonly #prefix: string;
  readonly #identityHeaders: Readonly<Record<string, string | string[]>>;

  constructor(options: RestClientOptions) {
    this.#options = options;
    this.#identityHeaders = identityHeaders(options);
    this.#prefix = options.url.pathname.replace(/\/$/, '');
  }

  /** Sends and reads the answer whole, whatever its status. */
  raw(request: RestRequest): Promise<RestResponse> {
    return this.#withRetries(request, async (response) => ({
      status: response.status,
      headers: response.headers,
      body: await readBody(response),
    }));
  }

  /** Sends and returns the body of a success; any other answer becomes a StatusError. */
  async send(request: RestRequest, asked: Asked): Promise<{ body: Buffer; isProtobuf: boolean }> {
    const response = await this.raw(request);
    const isProtobuf = mediaType(response.headers['content-type']) === PROTOBUF;
    if (response.status >= 400) throw toStatusError(response, asked, isProtobuf);
    return { body: response.body, isProtobuf };
  }

  /** Sends and hands over the body as it comes. The caller must read it to the end or destroy it. */
  async open(request: RestRequest, asked: Asked): Promise<OpenResponse> {
    const { status, headers, body, isComplete, failure } = await this.#withRetries(request, async (answer) => ({
      ...answer,
      failure: answer.status < 400 ? undefined : await readBody(answer),
    }));
    const contentType = mediaType(headers['content-type']);
    if (failure) throw toStatusError({ status, headers, body: failure }, asked, contentType === PROTOBUF);
    return { body, contentType, isComplete };
  }

  async #withRetries<T extends { status: number; headers: TransportResponse['headers'] }>(
    request: RestRequest,
    read: (response: TransportResponse) => Promise<T>,
  ): Promise<T> {
    const { clock, metrics, url } = this.#options;
    for (let retries = 0; ; retries++) {
      request.signal?.throwIfAborted();
      const startMs = clock.monotonicMs();
      let answer: T | undefined;
      let failure: unknown;
      try {
        answer = await read(await this.#sendOnce(request));
      } catch (error) {
        if (request.signal?.aborted) throw request.signal.reason;
        failure = error;
      }
      const code = answer ? String(answer.status) : '<error>';
      metrics?.observe(request.method, code, (clock.monotonicMs() - startMs) / 1000);
      if (answer?.status === 401) this.#options.onUnauthorized?.();
      const retryAfter = answer?.headers['retry-after'] as string | undefined;
      const plan = planRetry(
        request.method,
        retries,
        answer ? { status: answer.status, retryAfter } : { error: failure },
      );
      if (!plan) {
        if (answer) return answer;
        if (!(failure instanceof TransportError)) throw failure;
        throw connectionError(request.method, url.origin + this.#prefix + request.path, failure);
      }
      metrics?.retried(request.method, code);
      if (plan.delayMs > 0) await clock.sleep(plan.delayMs, request.signal);
    }
  }

  async #sendOnce({
    method,
    path,
    accept,
    contentType,
    headers,
    body,
    signal,
  }: RestRequest): Promise<TransportResponse> {
    const { transport, throttle, clock, tracer, leadership } = this.#options;
    const waitMs = throttle?.reserve() ?? 0;
    if (waitMs > 0) await clock.sleep(waitMs, signal);
    const all: Record<string, string | string[]> = { ...this.#identityHeaders, ...headers };
    if (accept) all.accept = accept;
    if (body !== undefined && contentType) all['content-type'] = contentType;
    const token = this.#options.token();
    if (token !== undefined) all.authorization = `Bearer ${typeof token === 'string' ? token : await token}`;
    const admit = leadership && method !== 'GET' ? () => leadership.require() : undefined;
    const outgoing = { method, path: this.#prefix + path, headers: all, body, signal, admit };
    if (!tracer.enabled) return transport.send(outgoing);
    return tracer.withSpan(
      `HTTP ${method}`,
      { 'http.request.method': method, 'url.path': path },
      async (span) => {
        tracer.inject(all);
        const response = await transport.send(outgoing);
        span.setAttributes({ 'http.response.status_code': response.status });
        return response;
      },
      { kind: 'client' },
    );
  }
}

function identityHeaders({ userAgent, impersonate }: RestClientOptions): Record<string, string | string[]> {
  if (!impersonate) return { 'user-agent': userAgent };
  return {
    'user-agent': userAgent,
    'impersonate-user': impersonate.user,
    'impersonate-group': [...impersonate.groups],
  };
}

function toStatusError(response: RestResponse, asked: Asked, isProtobuf: boolean): StatusError {
  const retryAfterSeconds = Number(response.headers['retry-after'] ?? 0) || 0;
  try {
    const object = decodeObject(response.body, isProtobuf);
    if (object.kind === 'Status') return statusToError(object, response.status);
  } catch {
    // Not an object at all: a proxy's page, plain text.
  }
  return errorFromResponse(response.status, response.body.toString('utf8'), asked, retryAfterSeconds);
}
