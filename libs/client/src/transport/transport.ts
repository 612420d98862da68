import type { Readable } from 'node:stream';

export interface TransportRequest {
  readonly method: string;
  /** Path and query, with the server's prefix already in front. */
  readonly path: string;
  /** Lower-case names, no pseudo headers. */
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly body?: Uint8Array;
  readonly signal?: AbortSignal;
  /** Called when all waiting (for a connection, for a stream) is over; throws when the request must not go out. */
  readonly admit?: (() => void) | undefined;
}

export interface TransportResponse {
  readonly status: number;
  readonly headers: Record<string, string | string[] | undefined>;
  /** Must be read to the end or destroyed, else the stream stays open. */
  readonly body: Readable;
  /** To be asked once the body has ended: whether the peer ended it, rather than the connection breaking off. */
  isComplete(): boolean;
}

/** Carries requests to one server. Fails with TransportError, or with the signal's reason once that is aborted. */
export interface Transport {
  send(request: TransportRequest): Promise<TransportResponse>;
  close(): void;
}

/** The request did not get an answer. */
export class TransportError extends Error {
  /**
   * The server may have acted on the request before the connection broke. False when it certainly has not: refused
   * connection, REFUSED_STREAM, or a stream beyond the last one named in a GOAWAY. Only then may a write be repeated.
   */
  readonly mayHaveBeenProcessed: boolean;

  constructor(message: string, options: { mayHaveBeenProcessed: boolean; cause?: unknown }) {
    super(message, { cause: options.cause });
    this.name = 'TransportError';
    this.mayHaveBeenProcessed = options.mayHaveBeenProcessed;
  }
}

/** What every request fails with after `close`; no retry will change that. */
export class ClientClosedError extends TransportError {
  constructor() {
    super('the client is closed', { mayHaveBeenProcessed: false });
    this.name = 'ClientClosedError';
  }
}

/** Reads a body whole. Fails with TransportError when it breaks off. */
export function readBody(response: TransportResponse): Promise<Buffer> {
  const { body } = response;
  return new Promise((resolve, reject) => {
    // Headers and the end of the connection can come in one turn; then there will be no event any more. (Not `closed`: of an
    // HTTP/2 stream that says that both sides have sent everything, not that it has been read.)
    if (body.destroyed) return reject(brokenOff());
    const chunks: Buffer[] = [];
    let ended = false;
    body.on('data', (chunk: Buffer) => chunks.push(chunk));
    body.once('end', () => {
      ended = true;
      if (response.isComplete()) resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks));
      else reject(brokenOff());
    });
    body.once('error', (cause) => reject(brokenOff(cause)));
    // A peer that vanishes without an error still closes the stream. (An Error costs too much to make for nothing.)
    body.once('close', () => ended || reject(brokenOff()));
  });
}

/** The connection broke before the body was complete. */
export function brokenOff(cause?: unknown): TransportError {
  const why = cause instanceof Error ? cause.message : 'unexpected end of the stream';
  return new TransportError(`the response broke off: ${why}`, { mayHaveBeenProcessed: true, cause });
}
