import type { OutgoingHttpHeaders } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { badRequest, fieldPath, invalid, invalidValue, type FieldError } from '@pilothouse/apimachinery';
import type { Pod } from '@pilothouse/api';
import type { Endpoint } from '../endpoints/target.ts';
import { commonHeaders, respondBytes, startStream } from '../http/respond.ts';
import type { ApiRequest } from '../request.ts';
import { backendAnswer } from './backend-answer.ts';
import { endToEndHeaders } from './backend.ts';
import type { ConnectServices } from './connect-services.ts';
import { kubeletLocation } from './kubelet-location.ts';
import { containerOf } from './pod-container.ts';
import { webSocketOf } from '../http/accept-web-socket.ts';
import { answerOverWebSocket } from './web-socket-answer.ts';

/** Query parameters that the kubelet reads: core/v1 PodLogOptions. */
const PASSED_ON = [
  'follow',
  'previous',
  'sinceSeconds',
  'sinceTime',
  'timestamps',
  'tailLines',
  'limitBytes',
  'stream',
];

/** `kubectl logs`: from the kubelet's `/containerLogs`. */
export const podLog =
  ({ resources, backend, kubelets }: ConnectServices): Endpoint =>
  async (request, { key, resource }) => {
    validate(request.query, key.name);
    const pod = (await resource.registry.get(key)).object as Pod;
    const container = containerOf(pod, request.query.get('container'));
    const nodeName = pod.spec?.nodeName;
    // Not on a node yet: there is nothing that could have said something.
    if (!nodeName) return respondBytes(request, 200, 'text/plain', Buffer.alloc(0));
    const query = new URLSearchParams();
    for (const name of PASSED_ON) {
      const value = request.query.get(name);
      if (value !== null) query.set(name, value);
    }
    const path = `/containerLogs/${key.namespace}/${key.name}/${container}`;
    const location = await kubeletLocation(resources, kubelets, nodeName);
    const incoming = await backendAnswer(request, backend, location, `${path}?${query}`, plainHeaders(request));
    const upgrade = webSocketOf(request);
    if (upgrade) return answerOverWebSocket(request, upgrade, incoming);
    startStream(request, 200, { ...commonHeaders(request), ...endToEndHeaders(incoming.headers) });
    const { response } = request;
    if (request.method === 'HEAD') return void response.end();
    await pipeline(incoming, response).catch(() => response.destroy());
  };

/** Without those that ask for a WebSocket: the kubelet serves logs over plain requests. */
function plainHeaders({ headers }: ApiRequest): OutgoingHttpHeaders {
  const plain = Object.entries(endToEndHeaders(headers)).filter(([name]) => !name.startsWith('sec-websocket-'));
  return Object.fromEntries(plain);
}

function validate(query: URLSearchParams, name: string): void {
  const errors: FieldError[] = [];
  const atLeast = (parameter: string, minimum: number, text: string) => {
    const value = query.get(parameter);
    if (value === null || value === '') return;
    const number = Number(value);
    if (!Number.isInteger(number))
      throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(value)}: invalid syntax`);
    if (number < minimum) errors.push(invalidValue(fieldPath(parameter), number, text));
  };
  atLeast('tailLines', 0, 'must be greater than or equal to 0');
  atLeast('limitBytes', 1, 'must be greater than 0');
  atLeast('sinceSeconds', 1, 'must be greater than 0');
  if (query.has('sinceSeconds') && query.has('sinceTime')) {
    errors.push(
      invalidValue(
        fieldPath('sinceSeconds'),
        query.get('sinceSeconds'),
        'at most one of `sinceTime` or `sinceSeconds` may be specified',
      ),
    );
  }
  if (errors.length > 0) throw invalid('', 'PodLogOptions', name, errors);
}
