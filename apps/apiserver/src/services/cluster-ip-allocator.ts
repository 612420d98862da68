import { isAlreadyExists, isNotFound, type KubeObject } from '@pilothouse/apimachinery';
import type { IPAddress } from '@pilothouse/api';
import { systemContext } from '../bootstrap/system-context.ts';
import type { ObjectRegistry } from '../registry/object-registry.ts';
import type { IpFamily, IpRange } from './ip-range.ts';

/** An address that cannot be given. */
export class AllocationError extends Error {}

const RANDOM_ATTEMPTS = 16;

/**
 * Gives cluster IPs: an address is taken when there is an IPAddress object of its name, so etcd itself arbitrates between
 * apiservers. https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/ip-address-v1/
 */
export class ClusterIpAllocator {
  readonly range: IpRange;
  readonly #addresses: ObjectRegistry;

  constructor(range: IpRange, addresses: ObjectRegistry) {
    this.range = range;
    this.#addresses = addresses;
  }

  get family(): IpFamily {
    return this.range.family;
  }

  /** A free address; throws AllocationError when there is none. */
  async allocateNext(service: KubeObject, now: Date): Promise<string> {
    for (let attempt = 0; attempt < RANDOM_ATTEMPTS; attempt++) {
      const address = this.range.at(this.range.randomIndex());
      if (await this.#take(address, service, now)) return address;
    }
    // Nearly full: go through all of it, from a random place on.
    const { capacity } = this.range;
    const start = this.range.randomIndex();
    for (let i = 0n; i < capacity; i++) {
      const address = this.range.at((start + i) % capacity);
      if (await this.#take(address, service, now)) return address;
    }
    throw new AllocationError('range is full');
  }

  /** This address; throws AllocationError when it is taken or out of range. */
  async allocate(address: string, service: KubeObject, now: Date): Promise<void> {
    if (!this.range.contains(address)) {
      throw new AllocationError(
        `the provided IP (${address}) is not in the valid range. The range of valid IPs is ${this.range.cidr}`,
      );
    }
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
      await this.#addresses.create(ipAddress(address, this.family, service), systemContext(now));
      return true;
    } catch (error) {
      if (isAlreadyExists(error)) return false;
      throw error;
    }
  }
}

function ipAddress(address: string, family: IpFamily, { metadata }: KubeObject): IPAddress {
  return {
    kind: 'IPAddress',
    apiVersion: 'networking.k8s.io/v1',
    metadata: {
      name: address,
      labels: {
        'ipaddress.kubernetes.io/ip-family': family,
        'ipaddress.kubernetes.io/managed-by': 'ipallocator.k8s.io',
      },
    },
    spec: {
      parentRef: { resource: 'services', namespace: metadata?.namespace ?? '', name: metadata?.name ?? '' },
    },
  } as IPAddress;
}
