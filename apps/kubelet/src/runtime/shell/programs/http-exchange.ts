import type { HttpRequest, HttpResponse } from '../../simulated-http.ts';
import type { ProcessContext } from '../process.ts';

export interface HttpTarget {
  readonly host: string;
  readonly port: number;
  /** Path and query. */
  readonly target: string;
}

export type HttpExchange =
  | { readonly type: 'answered'; readonly address: string; readonly response: HttpResponse }
  /** There is no such name. */
  | { readonly type: 'no-name' }
  /** Outside the cluster. */
  | { readonly type: 'external' }
  | { readonly type: 'refused'; readonly address: string }
  | { readonly type: 'silent'; readonly address: string };

/** `svc`, `svc:8080/path` and `http://svc/path`; undefined for what is no address of a server. */
export function parseTarget(text: string): HttpTarget | undefined {
  const source = /^[a-z]+:\/\//i.test(text) ? text : `http://${text}`;
  if (!URL.canParse(source)) return undefined;
  const { protocol, hostname, port, pathname, search } = new URL(source);
  if (protocol !== 'http:' && protocol !== 'https:') return undefined;
  const host = hostname.replace(/^\[|\]$/g, '');
  return { host, port: Number(port) || (protocol === 'https:' ? 443 : 80), target: pathname + search };
}

/** One request to whatever simulated program answers there. */
export function exchange(
  { host, port, target }: HttpTarget,
  request: Partial<HttpRequest>,
  { network, names }: ProcessContext,
): HttpExchange {
  if (!network || !names || names.isExternal(host)) return { type: 'external' };
  const address = names.resolve(host)?.[0];
  if (address === undefined) return { type: 'no-name' };
  const connection = network.connect(address, port);
  if (connection.type !== 'connected') return { type: connection.type, address };
  const headers = { host: port === 80 ? host : `${host}:${port}`, ...request.headers };
  const response = connection.serve({ method: 'GET', body: '', ...request, target, headers });
  return { type: 'answered', address, response };
}
