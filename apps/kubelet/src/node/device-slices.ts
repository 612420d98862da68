import { resourceslices } from '@pilothouse/api';
import type { Device, Node, ResourceSlice } from '@pilothouse/api';
import { deepEqual, isAlreadyExists, isNotFound } from '@pilothouse/apimachinery';
import type { KubeClient } from '@pilothouse/client';

/** `gpu.example.com=8,nic.example.com=2`: how many devices of which driver, beside those of `--devices`. */
export const DEVICES_ANNOTATION = 'pilothouse.dev/devices';

/** The API's limit on the devices of one slice. */
const MOST_DEVICES = 128;

/** How many simulated devices of each driver the node has. What can not be read in the annotation is left out. */
export function devicesOf(node: Node, fromFlags: Readonly<Record<string, string>>): ReadonlyMap<string, number> {
  const entries = (node.metadata.annotations?.[DEVICES_ANNOTATION] ?? '')
    .split(',')
    .map((part) => part.trim().split('='));
  const counts = new Map<string, number>();
  for (const [driver = '', count = ''] of [...Object.entries(fromFlags), ...entries]) {
    const number = Number(count);
    if (driver === '' || !Number.isInteger(number) || number < 0 || number > MOST_DEVICES) continue;
    counts.set(driver, number);
  }
  return counts;
}

/** The pool of one driver on a node, as its DRA driver would publish it. */
export function deviceSlice({ metadata }: Node, driver: string, count: number): ResourceSlice {
  const nodeName = metadata.name!;
  const devices = Array.from({ length: count }, (_, index): Device => ({
    name: `device-${index}`,
    attributes: {
      index: { int: index },
      model: { string: 'simulated' },
      driverVersion: { version: '1.0.0' },
      uuid: { string: `${nodeName}-${driver}-${index}` },
    },
    capacity: { memory: { value: '80Gi' } },
  }));
  return {
    apiVersion: 'resource.k8s.io/v1',
    kind: 'ResourceSlice',
    metadata: {
      name: `${nodeName}-${driver}`,
      ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name: nodeName, uid: metadata.uid ?? '', controller: true }],
    },
    spec: { driver, nodeName, pool: { name: nodeName, generation: 1, resourceSliceCount: 1 }, devices },
  };
}

/** Publishes the simulated devices of one node, and takes back those that it no longer has. */
export class DevicePublisher {
  readonly #client: KubeClient;
  readonly #fromFlags: Readonly<Record<string, string>>;
  #published: ReadonlyMap<string, number> = new Map();

  constructor(client: KubeClient, fromFlags: Readonly<Record<string, string>>) {
    this.#client = client;
    this.#fromFlags = fromFlags;
  }

  async publish(node: Node): Promise<void> {
    const wanted = devicesOf(node, this.#fromFlags);
    for (const [driver, count] of wanted)
      if (this.#published.get(driver) !== count) await this.#write(deviceSlice(node, driver, count));
    for (const driver of this.#published.keys()) if (!wanted.has(driver)) await this.#remove(node, driver);
    this.#published = wanted;
  }

  /** What stands in the place of an earlier generation is a newer one. */
  async #write(slice: ResourceSlice): Promise<void> {
    const resource = this.#client.resource(resourceslices);
    try {
      await resource.create(slice);
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
      const stored = await resource.get(slice.metadata.name!);
      if (deepEqual(stored.spec.devices, slice.spec.devices)) return;
      const pool = { ...slice.spec.pool, generation: stored.spec.pool.generation + 1 };
      await resource.update({ ...slice, metadata: stored.metadata, spec: { ...slice.spec, pool } });
    }
  }

  async #remove({ metadata }: Node, driver: string): Promise<void> {
    try {
      await this.#client.resource(resourceslices).delete(`${metadata.name}-${driver}`);
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
}
