import type { Pod, Service } from '@pilothouse/api';
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

  envFor(pod: Pod): Record<string, string> {
    const namespaces = new Set(['default', pod.metadata.namespace ?? '']);
    return serviceEnv(
      pod,
      [...namespaces].flatMap((namespace) => [...(this.#namespaces.get(namespace)?.values() ?? [])]),
    );
  }
}
