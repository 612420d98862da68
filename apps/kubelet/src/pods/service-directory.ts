import type { Pod, Service, ServicePort } from '@pilothouse/api';
import type { SharedInformer } from '@pilothouse/client';
import { serviceEnv } from './service-env.ts';

/** The services of the cluster by namespace, for the variables that containers start with. */
export class ServiceDirectory {
  readonly #namespaces = new Map<string, Map<string, Service>>();

  follow(informer: SharedInformer<Service>): void {
    const put = (service: Service): void => {
      const { namespace = '', name = '' } = service.metadata;
      const siblings = this.#namespaces.get(namespace) ?? new Map<string, Service>();
      this.#namespaces.set(namespace, siblings.set(name, service));
    };
    informer.addHandler({
      onAdd: put,
      onUpdate: (_, service) => put(service),
      onDelete: ({ metadata }) => {
        const siblings = this.#namespaces.get(metadata.namespace ?? '');
        siblings?.delete(metadata.name ?? '');
        if (siblings?.size === 0) this.#namespaces.delete(metadata.namespace ?? '');
      },
    });
  }

  get(namespace: string, name: string): Service | undefined {
    return this.#namespaces.get(namespace)?.get(name);
  }

  hasNamespace(namespace: string): boolean {
    return this.#namespaces.has(namespace);
  }

  /** Linear in the services: for what a simulated program asks, not for the loop. */
  byAddress(address: string): Service | undefined {
    for (const services of this.#namespaces.values()) {
      for (const service of services.values()) {
        const { clusterIPs = [], externalIPs = [] } = service.spec ?? {};
        const ingress = (service.status?.loadBalancer?.ingress ?? []).map(({ ip }) => ip);
        if ([...clusterIPs, ...externalIPs, ...ingress].includes(address)) return service;
      }
    }
    return undefined;
  }

  /** Whose node port this is. Linear in the services, too. */
  byNodePort(nodePort: number, protocol: string): { service: Service; port: ServicePort } | undefined {
    for (const services of this.#namespaces.values()) {
      for (const service of services.values()) {
        const port = service.spec?.ports?.find(
          (each) => each.nodePort === nodePort && (each.protocol ?? 'TCP') === protocol,
        );
        if (port) return { service, port };
      }
    }
    return undefined;
  }

  envFor(pod: Pod): Record<string, string> {
    const namespaces = new Set(['default', pod.metadata.namespace ?? '']);
    return serviceEnv(
      pod,
      [...namespaces].flatMap((namespace) => [...(this.#namespaces.get(namespace)?.values() ?? [])]),
    );
  }
}
