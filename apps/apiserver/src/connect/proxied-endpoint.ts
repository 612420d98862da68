import { serviceUnavailable } from '@pilothouse/apimachinery';
import type { Pod, Service } from '@pilothouse/api';
import type { Resources } from '../registry/resources.ts';
import type { ProxiedName } from './proxied-name.ts';
import { readyEndpoints, ServicePortNotFound } from './service-location.ts';

export interface ProxiedEndpoint {
  readonly pod: Pod;
  readonly host: string;
  readonly port: number;
}

/**
 * A pod behind a service's port, which is named by its name or its number; without either it is the port without a
 * name. Only endpoints that are a pod's own address are taken, or whoever may write endpoints could have the apiserver
 * call any address. Upstream: ResourceLocation of the service registry.
 */
export async function proxiedEndpoint(
  resources: Resources,
  namespace: string,
  { name, port }: ProxiedName,
): Promise<ProxiedEndpoint> {
  const service = (await resources.get('', 'services').registry.get({ namespace, name })).object as Service;
  let portName = port;
  if (/^\d+$/.test(port)) {
    const numbered = service.spec?.ports?.find((each) => each.port === Number(port));
    if (numbered === undefined) throw new ServicePortNotFound(name, port);
    portName = numbered.name ?? '';
  }
  const candidates = await readyEndpoints(resources, namespace, name, portName);
  for (const { host, port: number, targetRef } of shuffled(candidates)) {
    if (targetRef?.kind !== 'Pod' || !targetRef.name) continue;
    const pod = await findPod(resources, namespace, targetRef.name);
    if (pod?.status?.podIPs?.some(({ ip }) => ip === host)) return { pod, host, port: number };
  }
  throw serviceUnavailable(`no endpoints available for service ${JSON.stringify(name)}`);
}

async function findPod(resources: Resources, namespace: string, name: string): Promise<Pod | undefined> {
  return (await resources.get('', 'pods').registry.peek({ namespace, name }))?.object as Pod | undefined;
}

/** From a random place on, so that each endpoint has its turn. */
function shuffled<T>(list: readonly T[]): T[] {
  const start = Math.floor(Math.random() * list.length);
  return [...list.slice(start), ...list.slice(0, start)];
}
