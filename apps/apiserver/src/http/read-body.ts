import { isUtf8 } from 'node:buffer';
import { badRequest, requestEntityTooLarge } from '@pilothouse/apimachinery';
import type { ApiRequest } from '../request.ts';

/** Upstream's MaxRequestBodyBytes: what fits into an etcd request (1.5 MiB), doubled. */
export const MAX_BODY_BYTES = 3 * 1024 * 1024;

/** Collects the body; throws 413 as soon as it is too large and 400 when the client goes away in the middle. */
export function readBody(request: ApiRequest): Promise<Buffer> {
  const source = request.http;
  if (Number(request.headers['content-length'] ?? 0) > MAX_BODY_BYTES) return Promise.reject(tooLarge());
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    source.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > MAX_BODY_BYTES) {
        source.pause();
        reject(tooLarge());
      } else {
        chunks.push(chunk);
      }
    });
    source.once('end', () => {
      const body = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, size);
      if (request.audit.keepsBodies) request.audit.requestBody = body;
      resolve(body);
    });
    source.once('error', () => reject(badRequest('unexpected EOF')));
    source.once('aborted', () => reject(badRequest('unexpected EOF')));
    request.abort.signal.addEventListener('abort', () => reject(request.abort.signal.reason as Error), { once: true });
  });
}

function tooLarge() {
  return requestEntityTooLarge(`Request entity too large: limit is ${MAX_BODY_BYTES}`);
}

/** The body as text; throws 400 when it is not UTF-8. */
export function bodyText(body: Buffer): string {
  if (!isUtf8(body)) throw badRequest('the request body is not valid UTF-8');
  return body.toString('utf8');
}
