import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { serviceUnavailable } from '@pilothouse/apimachinery';
import { commonHeaders, startStream } from '../http/respond.ts';
import type { ApiRequest } from '../request.ts';
import type { AnswerRewriter } from './answer-rewriter.ts';
import { endToEndHeaders, type Backend } from './backend.ts';
import type { Location } from './kubelet-location.ts';
import { describeTransportError, joinHostPort } from './transport-error.ts';
import { tunnelUpgrade } from './tunnel-upgrade.ts';

/** Passes a request on and its answer back, as streams; an upgrade becomes a tunnel. Throws 503 when nobody answers. */
export async function proxyRequest(
  request: ApiRequest,
  backend: Backend,
  location: Location,
  path: string,
  extraHeaders: OutgoingHttpHeaders = {},
  rewriter?: AnswerRewriter,
): Promise<void> {
  if (request.upgrade) return tunnelUpgrade(request, request.upgrade, backend, location, path, extraHeaders);
  const headers = { ...endToEndHeaders(request.headers), ...extraHeaders };
  const outgoing = backend.request(location, path, request.method, headers, request.abort.signal);
  const answer = new Promise<IncomingMessage>((resolve, reject) => {
    outgoing.once('response', resolve);
    outgoing.once('error', reject);
  });
  // What the client sends may have no end before the answer does.
  pipeline(request.http, outgoing).catch(() => {});
  const incoming = await answer.catch((error: Error) => {
    const why = describeTransportError(error, joinHostPort(location.host, location.port));
    throw serviceUnavailable(`error trying to reach service: ${why}`);
  });
  const { response } = request;
  const answered = endToEndHeaders(incoming.headers);
  const answeredHeaders = rewriter ? rewriter.headers(answered) : answered;
  startStream(request, incoming.statusCode ?? 502, { ...commonHeaders(request), ...answeredHeaders });
  const through = request.method === 'HEAD' ? [] : (rewriter?.body(incoming.headers) ?? []);
  await pipeline([incoming, ...through, response]).catch(() => response.destroy());
}
