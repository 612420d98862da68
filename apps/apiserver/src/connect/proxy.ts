import { badRequest } from '@pilothouse/apimachinery';
import type { Pod } from '@pilothouse/api';
import type { Endpoint } from '../endpoints/target.ts';
import type { ApiRequest } from '../request.ts';
import type { ConnectServices } from './connect-services.ts';
import { kubeletLocation, type Location } from './kubelet-location.ts';
import { proxyRequest } from './proxy-request.ts';
import { serviceLocation } from './service-location.ts';

/** `nodes/<name>/proxy/…`: the kubelet's own API. */
export const nodeProxy =
  ({ resources, backend, kubelets }: ConnectServices): Endpoint =>
  async (request, { key }) => {
    const { scheme, name, port } = splitName(key.name);
    const kubelet = await kubeletLocation(resources, kubelets, name);
    const location = port === '' ? kubelet : { scheme: scheme || 'http', host: kubelet.host, port: Number(port) };
    await proxyRequest(request, backend, location as Location, pathBehindProxy(request));
  };

/** `pods/[https:]<name>[:port]/proxy/…` */
export const podProxy =
  ({ backend }: ConnectServices): Endpoint =>
  async (request, { key, resource }) => {
    const { scheme, name, port } = splitName(key.name);
    const pod = (await resource.registry.get({ ...key, name })).object as Pod;
    const host = pod.status?.podIP;
    if (!host) throw badRequest('address not allowed');
    const declared = pod.spec?.containers?.flatMap(({ ports }) => ports ?? [])[0]?.containerPort ?? 80;
    await proxyRequest(request, backend, { scheme, host, port: Number(port || declared) }, pathBehindProxy(request));
  };

/** `services/[https:]<name>[:port]/proxy/…`: any ready endpoint of the service. */
export const serviceProxy =
  ({ resources, backend }: ConnectServices): Endpoint =>
  async (request, { key }) => {
    const { scheme, name, port } = splitName(key.name);
    const location = await serviceLocation(resources, key.namespace, name, port);
    await proxyRequest(request, backend, { scheme, ...location }, pathBehindProxy(request));
  };

/** `https:web:443` → its parts. Upstream: apimachinery net.SplitSchemeNamePort. */
function splitName(text: string): { scheme: 'http' | 'https'; name: string; port: string } {
  const parts = text.split(':');
  if (parts.length === 1) return { scheme: 'http', name: text, port: '' };
  if (parts.length === 2) return { scheme: 'http', name: parts[0]!, port: parts[1]! };
  const [scheme, name, port] = parts;
  if (parts.length > 3 || (scheme !== 'http' && scheme !== 'https' && scheme !== ''))
    throw badRequest(`invalid proxy request ${JSON.stringify(text)}`);
  return { scheme: scheme === 'https' ? 'https' : 'http', name: name!, port: port! };
}

/** What follows `…/proxy` in the request's own spelling, with its query. */
function pathBehindProxy({ http, info }: ApiRequest): string {
  const [path = '', query] = http.url.split('?', 2) as [string, string?];
  const marker = `/${encodeURIComponent(info.parts[1] ?? '').replaceAll('%3A', ':')}/proxy`;
  const at = path.indexOf(marker);
  const rest = at < 0 ? '' : path.slice(at + marker.length);
  return `${rest === '' ? '/' : rest}${query === undefined ? '' : `?${query}`}`;
}
