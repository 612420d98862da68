import { isAlreadyExists, isNotFound, type KubeObject } from '@pilothouse/apimachinery';
import type { IPAddress } from '@pilothouse/api';
import { systemContext } from '../bootstrap/system-context.ts';
import type { ObjectRegistry } from '../registry/object-registry.ts';
import { familyOf, type IpFamily, type IpRange } from './ip-range.ts';
import type { ServiceIpRanges } from './service-ip-ranges.ts';

/** An address that cannot be given. */
export class AllocationError extends Error {}

const RANDOM_ATTEMPTS = 16;

/**
 * Gives cluster IPs: an address is taken when there is an IPAddress object of its name, so etcd itself arbitrates between
 * apiservers. https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/ip-address-v1/
 */
export class ClusterIpAllocator {
  readonly family: IpFamily;
  readonly #ranges: ServiceIpRanges;
  readonly #addresses: ObjectRegistry;

  constructor(family: IpFamily, ranges: ServiceIpRanges, addresses: ObjectRegistry) {
    this.family = family;
    this.#ranges = ranges;
    this.#addresses = addresses;
  }

  /** An address that could be given, without taking it; undefined when there is no range. */
  async example(): Promise<string | undefined> {
    const [range] = await this.#ranges.of(this.family);
    return range?.at(range.randomIndex());
  }

  /** A free address; throws AllocationError when there is none. */
  async allocateNext(service: KubeObject, now: Date): Promise<string> {
    for (const range of await this.#ranges.of(this.family)) {
      const address = await this.#allocateFrom(range, service, now);
      if (address !== undefined) return address;
    }
    throw new AllocationError('range is full');
  }

  async #allocateFrom(range: IpRange, service: KubeObject, now: Date): Promise<string | undefined> {
    for (let attempt = 0; attempt < RANDOM_ATTEMPTS; attempt++) {
      const address = range.at(range.randomIndex());
      if (await this.#take(address, service, now)) return address;
    }
    // Nearly full: go through all of it, from a random place on; into what is left to static addresses at last.
    const { capacity } = range;
    const start = range.randomIndex();
    for (let i = 0n; i < capacity; i++) {
      const address = range.at((start + i) % capacity);
      if (await this.#take(address, service, now)) return address;
    }
    return undefined;
  }

  /** This address; throws AllocationError when it is taken or out of range. */
  async allocate(address: string, service: KubeObject, now: Date): Promise<void> {
    const ranges = await this.#ranges.of(this.family);
    if (!ranges.some((range) => range.contains(address)))
      throw new AllocationError('the provided network does not match the current range');
    if (!(await this.#take(address, service, now))) throw new AllocationError('provided IP is already allocated');
  }

  async release(address: string, now: Date): Promise<void> {
    try {
      await this.#addresses.delete({ namespace: '', name: address }, {}, systemContext(now));
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }

  async #take(address: string, service: KubeObject, now: Date): Promise<boolean> {
    // The cache spares etcd the question for what is surely taken.
    if (await this.#addresses.peek({ namespace: '', name: address })) return false;
    try {
      await this.#addresses.create(ipAddress(address, service), systemContext(now));
      return true;
    } catch (error) {
      if (isAlreadyExists(error)) return false;
      throw error;
    }
  }
}

/** The object by whose name a Service has an address. */
export function ipAddress(address: string, { metadata }: KubeObject): IPAddress {
  return {
    kind: 'IPAddress',
    apiVersion: 'networking.k8s.io/v1',
    metadata: {
      name: address,
      labels: {
        'ipaddress.kubernetes.io/ip-family': familyOf(address) ?? '',
        'ipaddress.kubernetes.io/managed-by': 'ipallocator.k8s.io',
      },
    },
    spec: {
      parentRef: { resource: 'services', namespace: metadata?.namespace ?? '', name: metadata?.name ?? '' },
    },
  } as IPAddress;
}
