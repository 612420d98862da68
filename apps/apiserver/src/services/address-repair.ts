import { isAlreadyExists, isNotFound, type KubeObject } from '@pilothouse/apimachinery';
import type { IPAddress, Service } from '@pilothouse/api';
import type { Clock, Logger } from '@pilothouse/component';
import { systemContext } from '../bootstrap/system-context.ts';
import type { ObjectRegistry } from '../registry/object-registry.ts';
import type { Resources } from '../registry/resources.ts';
import { ipAddress } from './cluster-ip-allocator.ts';
import { planAddressRepairs } from './plan-repair.ts';

const PERIOD_MS = 180_000;

/**
 * Brings Services and IPAddresses together again, at the start and every three minutes. Mirrors
 * pkg/registry/core/service/ipallocator/controller, except that it says in the log what that says in Events.
 */
export class AddressRepair {
  readonly #services: ObjectRegistry;
  readonly #addresses: ObjectRegistry;
  readonly #clock: Clock;
  readonly #logger: Logger;
  #cancel: (() => void) | undefined;
  #stopped = false;

  constructor(resources: Resources, clock: Clock, logger: Logger) {
    this.#services = resources.get('', 'services').registry;
    this.#addresses = resources.get('networking.k8s.io', 'ipaddresses').registry;
    this.#clock = clock;
    this.#logger = logger;
  }

  async start(): Promise<void> {
    try {
      await this.#repair();
    } catch (error) {
      this.#logger.warn({ err: error }, 'Could not repair the addresses of services');
    }
    if (!this.#stopped) this.#cancel = this.#clock.after(PERIOD_MS, () => void this.start());
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel?.();
  }

  async #repair(): Promise<void> {
    const now = this.#clock.now();
    // Addresses first: one that is taken after this has a Service in the later list, or is too young to be judged.
    const addresses = await list<IPAddress>(this.#addresses);
    const { missing, leaked, contested } = planAddressRepairs(await list<Service>(this.#services), addresses, now);
    for (const { address, service } of missing) {
      const { namespace, name } = service.metadata;
      this.#logger.warn({ address, namespace, name }, 'Cluster IP is not allocated; repairing');
      await this.#addresses.create(ipAddress(address, service), systemContext(now)).catch(unless(isAlreadyExists));
    }
    for (const { metadata } of leaked) {
      this.#logger.warn({ address: metadata.name }, 'IPAddress has no service; cleaning up');
      const key = { namespace: '', name: metadata.name ?? '' };
      const preconditions = { uid: metadata.uid ?? '' };
      await this.#addresses.delete(key, { preconditions }, systemContext(now)).catch(unless(isNotFound));
    }
    for (const { address, service } of contested) {
      const { namespace, name } = service.metadata;
      this.#logger.warn({ address, namespace, name }, 'Cluster IP was assigned to multiple services; please recreate');
    }
  }
}

async function list<T extends KubeObject>({ store }: ObjectRegistry): Promise<T[]> {
  const { items } = await store.list({ namespace: '', resourceVersion: '', unfiltered: true });
  return items.map(({ object }) => object as T);
}

function unless(isHarmless: (error: unknown) => boolean): (error: unknown) => void {
  return (error) => {
    if (!isHarmless(error)) throw error;
  };
}
