import { once } from 'node:events';
import type { OutgoingHttpHeaders } from 'node:http';
import { createGzip, constants } from 'node:zlib';
import type { ApiRequest } from '../request.ts';
import { warningHeaders } from './warning-headers.ts';

/** Upstream compresses answers above this size (k8s.io/apiserver responsewriters). */
const GZIP_THRESHOLD_BYTES = 128 * 1024;
/** Small buffers are joined up to this size before they are written. */
const WRITE_CHUNK_BYTES = 256 * 1024;

/** Headers that every answer carries. */
export function commonHeaders(request: ApiRequest): Record<string, string | string[]> {
  const headers: Record<string, string | string[]> = {
    'audit-id': request.auditId,
    'cache-control': 'no-cache, private',
  };
  if (request.warnings.size > 0) headers['warning'] = warningHeaders(request.warnings);
  return headers;
}

/** Answers with one body, given as one buffer or as many that follow each other. */
export async function respondBytes(
  request: ApiRequest,
  code: number,
  contentType: string,
  body: Buffer | readonly Buffer[],
  extraHeaders?: Record<string, string>,
): Promise<void> {
  const { response } = request;
  if (response.headersSent || response.destroyed) return;
  if (request.audit.keepsBodies) request.audit.responseBody = Buffer.isBuffer(body) ? body : Buffer.concat(body);
  const size = Buffer.isBuffer(body) ? body.length : body.reduce((sum, each) => sum + each.length, 0);
  const headers = { ...commonHeaders(request), 'content-type': contentType, ...extraHeaders };
  const isHead = request.method === 'HEAD';
  const isEncoded = extraHeaders?.['content-encoding'] !== undefined;
  const compress = size > GZIP_THRESHOLD_BYTES && !isHead && !isEncoded && acceptsGzip(request);
  if (compress) Object.assign(headers, { 'content-encoding': 'gzip', vary: 'Accept-Encoding' });
  else if (code !== 304) Object.assign(headers, { 'content-length': String(size) });
  response.writeHead(code, headers);
  if (isHead) return void response.end();
  if (compress) return writeCompressed(request, body);
  request.responseBytes = size;
  if (Buffer.isBuffer(body)) return void response.end(body);
  await writeJoined(request, body);
  response.end();
}

function acceptsGzip(request: ApiRequest): boolean {
  const header = request.headers['accept-encoding'];
  return typeof header === 'string' && header.split(',').some((each) => each.trim().split(';')[0] === 'gzip');
}

async function writeJoined(request: ApiRequest, buffers: readonly Buffer[]): Promise<void> {
  for (const chunk of joinBuffers(buffers)) {
    if (!request.response.write(chunk)) await drained(request);
    if (request.response.destroyed) return;
  }
}

async function writeCompressed(request: ApiRequest, body: Buffer | readonly Buffer[]): Promise<void> {
  const gzip = createGzip({ level: constants.Z_BEST_SPEED });
  gzip.on('data', (chunk: Buffer) => (request.responseBytes += chunk.length));
  gzip.pipe(request.response);
  for (const chunk of Buffer.isBuffer(body) ? [body] : joinBuffers(body)) {
    if (!gzip.write(chunk)) await Promise.race([once(gzip, 'drain'), once(request.response, 'close')]);
    if (request.response.destroyed) return void gzip.destroy();
  }
  gzip.end();
}

/** Joins small buffers so that each write is worth its system call and TLS record. */
function* joinBuffers(buffers: readonly Buffer[]): Generator<Buffer> {
  let group: Buffer[] = [];
  let size = 0;
  for (const buffer of buffers) {
    group.push(buffer);
    size += buffer.length;
    if (size < WRITE_CHUNK_BYTES) continue;
    yield Buffer.concat(group, size);
    group = [];
    size = 0;
  }
  if (size > 0) yield Buffer.concat(group, size);
}

/** Headers of a stream go out at once: a client that waits for them would else not know that it is heard. */
export function startStream(request: ApiRequest, code: number, headers: OutgoingHttpHeaders): void {
  request.response.writeHead(code, headers);
  request.response.flushHeaders();
  request.onResponseStarted?.();
}

/** A client that reads nothing for so long is cut off; it costs us what waits for it. */
export const STALL_MS = 60_000;

/** Resolves when the client has read enough, has gone, or is cut off. */
export function drained({ response, abort }: ApiRequest): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(stalled);
      response.off('drain', done);
      response.off('close', done);
      abort.signal.removeEventListener('abort', done);
      resolve();
    };
    const stalled = setTimeout(() => response.destroy(), STALL_MS);
    response.on('drain', done);
    response.on('close', done);
    abort.signal.addEventListener('abort', done, { once: true });
  });
}
