import { Quantity } from '@pilothouse/apimachinery';
import type { AllocationResult, Device } from '@pilothouse/api';
import type { DevicePool, PooledDevice } from './device-pools.ts';

/** What is taken of the devices of the cluster: whole devices, shares of their capacity, and counters of their pools. */
export class DeviceUsage {
  readonly #taken = new Set<string>();
  /** Of devices that may be allocated several times, by device and capacity. */
  readonly #consumed = new Map<string, Map<string, Quantity>>();

  static of(allocations: Iterable<AllocationResult>): DeviceUsage {
    const usage = new DeviceUsage();
    for (const { devices } of allocations) {
      for (const { driver, pool, device, adminAccess, consumedCapacity, shareID } of devices?.results ?? []) {
        // Administrators look at devices without taking them from anybody.
        if (adminAccess) continue;
        const id = `${driver}/${pool}/${device}`;
        if (shareID === undefined && !consumedCapacity) usage.#taken.add(id);
        else usage.consume(id, consumedCapacity ?? {});
      }
    }
    return usage;
  }

  copy(): DeviceUsage {
    const copy = new DeviceUsage();
    for (const id of this.#taken) copy.#taken.add(id);
    for (const [id, amounts] of this.#consumed) copy.#consumed.set(id, new Map(amounts));
    return copy;
  }

  isTaken(id: string): boolean {
    return this.#taken.has(id);
  }

  isShared(id: string): boolean {
    return this.#consumed.has(id);
  }

  take(id: string): void {
    this.#taken.add(id);
  }

  giveBack(id: string): void {
    this.#taken.delete(id);
  }

  consume(id: string, amounts: Readonly<Record<string, string>>): void {
    const consumed = this.#consumed.get(id) ?? new Map<string, Quantity>();
    this.#consumed.set(id, consumed);
    for (const [name, amount] of Object.entries(amounts)) {
      const before = consumed.get(name);
      const quantity = Quantity.parse(amount);
      consumed.set(name, before ? before.add(quantity) : quantity);
    }
  }

  release(id: string, amounts: Readonly<Record<string, string>>): void {
    const consumed = this.#consumed.get(id);
    for (const [name, amount] of Object.entries(amounts)) {
      const before = consumed?.get(name);
      if (before) consumed!.set(name, before.sub(Quantity.parse(amount)));
    }
  }

  /** Whether the device still has this much of its capacities. */
  hasCapacity(id: string, { capacity = {} }: Device, amounts: Readonly<Record<string, string>>): boolean {
    return Object.entries(amounts).every(([name, amount]) => {
      const total = capacity[name];
      if (!total) return false;
      const used = this.#consumed.get(id)?.get(name);
      const wanted = Quantity.parse(amount);
      return (used ? used.add(wanted) : wanted).compare(Quantity.parse(total.value)) <= 0;
    });
  }

  /**
   * Whether the counters of the pool allow the device beside those already taken from it.
   * https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/#partitionable-devices
   */
  hasCounters(pool: DevicePool, { device }: PooledDevice): boolean {
    for (const { counterSet, counters } of device.consumesCounters ?? []) {
      const available = pool.counters.get(counterSet);
      if (!available) return false;
      for (const [name, { value }] of Object.entries(counters)) {
        const total = available[name];
        if (!total) return false;
        let sum = Quantity.parse(value);
        for (const other of pool.devices) {
          if (!this.#taken.has(other.id) && !this.#consumed.has(other.id)) continue;
          const used = other.device.consumesCounters?.find((each) => each.counterSet === counterSet)?.counters[name];
          if (used) sum = sum.add(Quantity.parse(used.value));
        }
        if (sum.compare(Quantity.parse(total.value)) > 0) return false;
      }
    }
    return true;
  }
}
