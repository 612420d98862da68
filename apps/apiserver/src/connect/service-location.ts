import { serviceUnavailable, StatusError } from '@pilothouse/apimachinery';
import type { EndpointSlice, ObjectReference, Service } from '@pilothouse/api';
import type { Resources } from '../registry/resources.ts';

export interface HostPort {
  readonly host: string;
  readonly port: number;
}

/** 503: the service has no such port. */
export class ServicePortNotFound extends StatusError {
  readonly port: string;
  constructor(name: string, port: string) {
    const shown = /^\d+$/.test(port) ? port : JSON.stringify(port);
    super(serviceUnavailable(`no service port ${shown} found for service ${JSON.stringify(name)}`).status);
    this.port = port;
  }
}

/** 503: nobody is behind the service's port. */
export class NoReadyEndpoints extends StatusError {
  readonly portName: string;
  constructor(name: string, portName: string) {
    super(serviceUnavailable(`no endpoints available for service ${JSON.stringify(name)}`).status);
    this.portName = portName;
  }
}

/** Any ready endpoint of a service's port, named or numbered; the first port when none is. Throws 404 and 503. */
export async function serviceLocation(
  resources: Resources,
  namespace: string,
  name: string,
  port: string,
): Promise<HostPort> {
  const service = (await resources.get('', 'services').registry.get({ namespace, name })).object as Service;
  const ports = service.spec?.ports ?? [];
  const servicePort = ports.find((each) => port === '' || each.name === port || String(each.port) === port);
  if (servicePort === undefined) throw new ServicePortNotFound(name, port);
  const candidates = await readyEndpoints(resources, namespace, name, servicePort.name ?? '');
  const chosen = candidates[Math.floor(Math.random() * candidates.length)];
  if (chosen === undefined) throw new NoReadyEndpoints(name, servicePort.name ?? '');
  return chosen;
}

export interface ReadyEndpoint extends HostPort {
  readonly targetRef?: ObjectReference;
}

/** Every address behind the port of this name, from the EndpointSlices of a service. */
export async function readyEndpoints(
  resources: Resources,
  namespace: string,
  service: string,
  portName: string,
): Promise<ReadyEndpoint[]> {
  const { items } = await resources.get('discovery.k8s.io', 'endpointslices').registry.store.list({
    namespace,
    resourceVersion: '0',
    filter: ({ object }) => object.metadata?.labels?.['kubernetes.io/service-name'] === service,
  });
  return items.flatMap(({ object }) => endpointsOf(object as EndpointSlice, portName));
}

function endpointsOf(slice: EndpointSlice, portName: string): ReadyEndpoint[] {
  const port = slice.ports?.find((each) => (each.name ?? '') === portName)?.port;
  if (port === undefined) return [];
  return (slice.endpoints ?? [])
    .filter(({ conditions }) => conditions?.ready !== false)
    .flatMap(({ addresses, targetRef }) =>
      (addresses ?? []).map((host) => ({ host, port, ...(targetRef ? { targetRef } : {}) })),
    );
}
