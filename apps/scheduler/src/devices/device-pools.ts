import type { Counter, Device, DeviceTaintRule, Node, NodeSelector, ResourceSlice } from '@pilothouse/api';
import type { Value } from '@pilothouse/cel';
import { compileNodeSelector } from '@pilothouse/controller';
import { deviceValue } from './device-selector.ts';
import { taintsByRules } from './device-taint-rules.ts';

/** A device in its place, with what it takes for a node to reach it. */
export interface PooledDevice {
  /** `driver/pool/device`: unique in the cluster. */
  readonly id: string;
  readonly driver: string;
  readonly pool: string;
  readonly device: Device;
  /** As selectors see it. */
  readonly value: Value;
  /** What `allocation.nodeSelector` has to say so that the device is found again; undefined: any node. */
  readonly nodeSelector: NodeSelector | undefined;
}

export interface DevicePool {
  /** `driver/pool`. */
  readonly id: string;
  /** All slices of the newest generation have been published. Otherwise nothing of it may be allocated. */
  readonly complete: boolean;
  readonly devices: readonly PooledDevice[];
  /** What devices of the pool consume together, by set and counter. */
  readonly counters: ReadonlyMap<string, Readonly<Record<string, Counter>>>;
}

interface PoolSlices {
  readonly driver: string;
  readonly pool: string;
  generation: number;
  slices: ResourceSlice[];
}

/** The newest generation of every pool in the cluster; to be made once for each scheduling attempt. */
export class DevicePools {
  readonly #local = new Map<string, PoolSlices[]>();
  readonly #shared: PoolSlices[] = [];
  readonly #rules: readonly DeviceTaintRule[];

  constructor(slices: readonly ResourceSlice[], rules: readonly DeviceTaintRule[] = []) {
    this.#rules = rules;
    const pools = new Map<string, PoolSlices>();
    for (const slice of slices) {
      const { driver, pool } = slice.spec;
      const id = `${driver}/${pool.name}`;
      const known = pools.get(id);
      if (!known || known.generation < pool.generation)
        pools.set(id, { driver, pool: pool.name, generation: pool.generation, slices: [slice] });
      else if (known.generation === pool.generation) known.slices.push(slice);
    }
    for (const pool of pools.values()) {
      const nodes = new Set(pool.slices.map(({ spec }) => spec.nodeName));
      const [only] = nodes;
      if (nodes.size > 1 || only === undefined) this.#shared.push(pool);
      else this.#local.set(only, [...(this.#local.get(only) ?? []), pool]);
    }
  }

  /** The pools with devices that the node reaches. */
  reachableFrom(node: Node): DevicePool[] {
    return [...(this.#local.get(node.metadata.name!) ?? []), ...this.#shared]
      .map((pool) => poolAt(pool, node, this.#rules))
      .filter(({ devices }) => devices.length > 0);
  }
}

function poolAt({ driver, pool, slices }: PoolSlices, node: Node, rules: readonly DeviceTaintRule[]): DevicePool {
  const devices: PooledDevice[] = [];
  const counters = new Map<string, Readonly<Record<string, Counter>>>();
  for (const { spec } of slices) {
    for (const set of spec.sharedCounters ?? []) counters.set(set.name, set.counters);
    for (const published of spec.devices ?? []) {
      const place = spec.perDeviceNodeSelection ? published : spec;
      if (!reaches(place, node)) continue;
      const added = taintsByRules(rules, { driver, pool, device: published.name });
      const device = added.length > 0 ? { ...published, taints: [...(published.taints ?? []), ...added] } : published;
      devices.push({
        id: `${driver}/${pool}/${device.name}`,
        driver,
        pool,
        device,
        value: deviceValue(device, driver),
        nodeSelector: device.bindsToNode ? nodeNamed(node.metadata.name!) : selectorOf(place),
      });
    }
  }
  const expected = slices[0]!.spec.pool.resourceSliceCount;
  return { id: `${driver}/${pool}`, complete: slices.length >= expected, devices, counters };
}

interface Place {
  readonly nodeName?: string;
  readonly nodeSelector?: NodeSelector;
  readonly allNodes?: boolean;
}

function reaches({ nodeName, nodeSelector, allNodes }: Place, node: Node): boolean {
  if (allNodes) return true;
  if (nodeName) return nodeName === node.metadata.name;
  return nodeSelector !== undefined && compileNodeSelector(nodeSelector)(node);
}

function selectorOf({ nodeName, nodeSelector }: Place): NodeSelector | undefined {
  return nodeName ? nodeNamed(nodeName) : nodeSelector;
}

function nodeNamed(name: string): NodeSelector {
  return { nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: [name] }] }] };
}
