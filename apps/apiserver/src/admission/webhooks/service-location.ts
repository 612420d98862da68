import { isNotFound, serviceUnavailable } from '@pilothouse/apimachinery';
import type { EndpointSlice, Service } from '@pilothouse/api';
import type { Resources } from '../../registry/resources.ts';

export interface ServiceAddress {
  readonly host: string;
  readonly port: number;
}

/**
 * Where a service is really served: one of its ready endpoints, because no one routes its cluster IP for this process.
 * As upstream with `--enable-aggregator-routing`. Throws what a call to the service should fail with.
 */
export async function resolveService(
  resources: Resources,
  namespace: string,
  name: string,
  port: number,
): Promise<ServiceAddress> {
  const service = await serviceOf(resources, namespace, name);
  if (service.spec?.type === 'ExternalName') return { host: service.spec.externalName ?? '', port };
  const servicePort = service.spec?.ports?.find((each) => each.port === port);
  if (servicePort === undefined)
    throw serviceUnavailable(`no service port ${port} found for service ${JSON.stringify(name)}`);
  const { items } = await resources.get('discovery.k8s.io', 'endpointslices').registry.store.list({
    namespace,
    resourceVersion: '0',
    filter: ({ object }) => object.metadata?.labels?.['kubernetes.io/service-name'] === name,
  });
  const candidates = items.flatMap(({ object }) => readyAddresses(object as EndpointSlice, servicePort.name ?? ''));
  const chosen = candidates[Math.floor(Math.random() * candidates.length)];
  if (chosen === undefined) throw serviceUnavailable(`no endpoints available for service ${JSON.stringify(name)}`);
  return chosen;
}

async function serviceOf(resources: Resources, namespace: string, name: string): Promise<Service> {
  const { registry } = resources.get('', 'services');
  try {
    const found = (await registry.peek({ namespace, name })) ?? (await registry.get({ namespace, name }));
    return found.object as Service;
  } catch (error) {
    if (isNotFound(error)) throw serviceUnavailable(`service ${JSON.stringify(name)} not found`);
    throw error;
  }
}

function readyAddresses(slice: EndpointSlice, portName: string): ServiceAddress[] {
  const port = slice.ports?.find((each) => (each.name ?? '') === portName)?.port;
  if (port === undefined) return [];
  return (slice.endpoints ?? [])
    .filter(({ conditions }) => conditions?.ready !== false)
    .flatMap(({ addresses }) => (addresses ?? []).map((host) => ({ host, port })));
}
