import type { OutgoingHttpHeaders } from 'node:http';
import type { ApiRequest } from '../request.ts';
import { commonHeaders } from '../http/respond.ts';
import { AnswerRewriter } from './answer-rewriter.ts';
import type { Backend } from './backend.ts';
import type { Location } from './kubelet-location.ts';
import { proxyRequest } from './proxy-request.ts';
import { joinHostPort } from './transport-error.ts';

/**
 * The `proxy` subresources: passes on what follows `…/proxy`, and makes links of the answer lead back through the proxy.
 * Upstream: UpgradeAwareHandler of k8s.io/apimachinery/pkg/util/proxy.
 */
export async function serveProxy(request: ApiRequest, backend: Backend, location: Location): Promise<void> {
  const { prefix, path, query } = splitTarget(request);
  const isRead = request.method === 'GET' || request.method === 'HEAD';
  // Relative links of a page need the slash: https://issue.k8s.io/4958
  if (path === '' && isRead && !request.upgrade) return redirectToRoot(request, `${prefix}/${query}`);
  const clientHost = request.headers.host ?? String(request.headers[':authority'] ?? '');
  const rewriter = new AnswerRewriter({ prefix, hosts: [clientHost, joinHostPort(location.host, location.port)] });
  const headers = forwardedHeaders(request, clientHost, `${prefix}${path}`);
  await proxyRequest(request, backend, location, `${path || '/'}${query}`, headers, rewriter);
}

/** `/api/v1/namespaces/x/pods/y/proxy`, what follows it and `?…`, in the request's own spelling. */
export function splitTarget({ http, info }: Pick<ApiRequest, 'http' | 'info'>): {
  prefix: string;
  path: string;
  query: string;
} {
  const mark = http.url.indexOf('?');
  const whole = mark < 0 ? http.url : http.url.slice(0, mark);
  const query = mark < 0 ? '' : http.url.slice(mark);
  const segments = 2 + (info.namespace === '' ? 0 : 2) + 3;
  const prefix = new RegExp(`^(?:/+[^/]+){${segments}}`).exec(whole)?.[0] ?? whole;
  return { prefix, path: whole.slice(prefix.length), query };
}

function redirectToRoot(request: ApiRequest, location: string): void {
  request.response.writeHead(301, { ...commonHeaders(request), location });
  request.response.end();
}

function forwardedHeaders({ http, headers }: ApiRequest, host: string, uri: string): OutgoingHttpHeaders {
  const via = [headers['x-forwarded-for'], http.socket.remoteAddress?.replace(/^::ffff:/, '')].flat();
  return { host, 'x-forwarded-for': via.filter(Boolean).join(', '), 'x-forwarded-uri': uri };
}
