import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import { badRequest, internalError, serviceUnavailable, StatusError } from '@pilothouse/apimachinery';
import type { ApiRequest } from '../request.ts';
import type { Backend } from './backend.ts';
import type { Location } from './kubelet-location.ts';
import { describeTransportError, joinHostPort } from './transport-error.ts';

/** How much of a refusal is read. */
const MAX_REFUSAL_BYTES = 10_000;

/**
 * Asks a backend on behalf of a client. What it refuses in plain text is thrown as a Status, as every refusal of the API is
 * one. Upstream: GenericHttpResponseChecker of k8s.io/kubernetes/pkg/registry/core/rest.
 */
export async function backendAnswer(
  request: ApiRequest,
  backend: Backend,
  location: Location,
  path: string,
  headers: OutgoingHttpHeaders,
): Promise<IncomingMessage> {
  const outgoing = backend.request(location, path, 'GET', headers, request.abort.signal).end();
  const incoming = await new Promise<IncomingMessage>((resolve, reject) => {
    outgoing.once('response', resolve);
    outgoing.once('error', reject);
  }).catch((error: Error) => {
    const why = describeTransportError(error, joinHostPort(location.host, location.port));
    throw serviceUnavailable(`error trying to reach service: ${why}`);
  });
  const code = incoming.statusCode ?? 502;
  if (code >= 200 && code <= 206) return incoming;
  throw refusal(code, await textOf(incoming), request.info.parts[1] ?? '');
}

async function textOf(incoming: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    text += chunk.toString();
    if (text.length >= MAX_REFUSAL_BYTES) break;
  }
  return text.slice(0, MAX_REFUSAL_BYTES);
}

function refusal(code: number, text: string, name: string): StatusError {
  if (code === 500) return internalError(text);
  if (code === 400) return badRequest(text);
  const isMissing = code === 404;
  const what = isMissing
    ? 'the server could not find the requested resource'
    : code > 500
      ? `an error on the server (${JSON.stringify(text)}) has prevented the request from succeeding`
      : `the server responded with the status code ${code} but did not return more information`;
  return new StatusError({
    message: `${what} ( pods ${name})`,
    reason: isMissing ? 'NotFound' : code > 500 ? 'InternalError' : 'Unknown',
    details: { name, kind: 'pods', causes: [{ reason: 'UnexpectedServerResponse', message: text }] },
    code,
  });
}
