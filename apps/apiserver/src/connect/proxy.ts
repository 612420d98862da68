import { badRequest, serviceUnavailable } from '@pilothouse/apimachinery';
import type { Pod } from '@pilothouse/api';
import type { Endpoint } from '../endpoints/target.ts';
import { proxiedEndpoint } from './proxied-endpoint.ts';
import type { ConnectServices } from './connect-services.ts';
import { kubeletLocation } from './kubelet-location.ts';
import { podLocation } from './pod-location.ts';
import { splitProxiedName } from './proxied-name.ts';
import { serveProxy } from './serve-proxy.ts';

const DEFAULT_PORTS = { http: '80', https: '443' } as const;

/** `nodes/<name>/proxy/…`: the kubelet's own API. */
export const nodeProxy =
  ({ resources, backend, kubelets }: ConnectServices): Endpoint =>
  async (request, { key }) => {
    const { scheme, name, port } = splitProxiedName(key.name, 'node');
    const kubelet = await kubeletLocation(resources, kubelets, name);
    const location = port === '' ? kubelet : { scheme, host: kubelet.host, port: portNumber(port) };
    await serveProxy(request, backend, location);
  };

/** `pods/[https:]<name>[:port]/proxy/…`: the first port that the pod declares, when none is named. */
export const podProxy =
  (services: ConnectServices): Endpoint =>
  async (request, { key, resource }) => {
    const { scheme, name, port } = splitProxiedName(key.name, 'pod');
    const pod = (await resource.registry.get({ ...key, name })).object as Pod;
    const host = pod.status?.podIP;
    if (!host) throw badRequest('address not allowed');
    const declared = pod.spec?.containers?.flatMap(({ ports }) => ports ?? [])[0]?.containerPort;
    const number = portNumber(port || String(declared ?? DEFAULT_PORTS[scheme]));
    await serveProxy(request, services.backend, await podLocation(services, pod, { scheme, host, port: number }));
  };

/** `services/[https:]<name>[:port]/proxy/…`: any ready pod behind the service's port. */
export const serviceProxy =
  (services: ConnectServices): Endpoint =>
  async (request, { key }) => {
    const proxied = splitProxiedName(key.name, 'service');
    const { pod, host, port } = await proxiedEndpoint(services.resources, key.namespace, proxied);
    const location = await podLocation(services, pod, { scheme: proxied.scheme, host, port });
    await serveProxy(request, services.backend, location);
  };

/** Ports of pods and nodes have no names here. */
function portNumber(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port >= 1 && port <= 65535) return port;
  const why = /^\d+$/.test(text) ? `address ${text}: invalid port` : `lookup tcp/${text}: unknown port`;
  throw serviceUnavailable(`error trying to reach service: dial tcp: ${why}`);
}
