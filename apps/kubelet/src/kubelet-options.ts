import { hostname } from 'node:os';
import type { Taint } from '@pilothouse/api';
import { Quantity } from '@pilothouse/apimachinery';
import { FlagError } from '@pilothouse/component';
import type { FlagValues } from '@pilothouse/component';
import type { FLAGS } from './flags.ts';
import type { NodeSpec } from './node/node-object.ts';

export type KubeletFlags = FlagValues<typeof FLAGS>;

/** Each driver with a number that one slice can hold. */
function checkDevices({ devices }: KubeletFlags): void {
  for (const [driver, count] of Object.entries(devices)) {
    if (/^\d+$/.test(count) && Number(count) <= 128) continue;
    throw new FlagError(`invalid argument "${driver}=${count}" for "--devices" flag: expected a number from 0 to 128`);
  }
}

/** The nodes that the flags ask for. `kubeletPort` is where the server came to listen. */
export function planNodes(flags: KubeletFlags, kubeletPort: number, runtimeVersion: string): NodeSpec[] {
  checkDevices(flags);
  const taints = flags.registerWithTaints.map(parseTaint);
  const capacity = nodeCapacity(flags);
  const reserved = reservedResources(flags, capacity);
  return nodeNames(flags).map((name, index) => ({
    name,
    addresses: nodeAddresses(flags, index),
    labels: flags.nodeLabels,
    taints,
    capacity,
    reserved,
    kubeletPort,
    runtimeVersion,
    unschedulable: !flags.registerSchedulable,
    devices: flags.devices,
  }));
}

function nodeNames({ nodes, nodeNamePrefix, hostnameOverride }: KubeletFlags): string[] {
  if (nodes < 0) throw new FlagError(`invalid argument "${nodes}" for "--nodes" flag: must not be negative`);
  if (nodes > 0 && hostnameOverride)
    throw new FlagError('--hostname-override names one node and can not be used with --nodes');
  if (nodes === 0) return [(hostnameOverride || hostname()).toLowerCase()];
  return Array.from({ length: nodes }, (_, index) => `${nodeNamePrefix}${index + 1}`);
}

/** `key=value:effect` or `key:effect`, as `kubectl taint` writes it. */
export function parseTaint(text: string): Taint {
  const match = /^([^=:]+)(?:=([^:]*))?:(NoSchedule|PreferNoSchedule|NoExecute)$/.exec(text);
  if (!match)
    throw new FlagError(
      `invalid argument ${JSON.stringify(text)} for "--register-with-taints" flag: expected key=value:effect`,
    );
  const [, key = '', value, effect = ''] = match;
  return { key, ...(value ? { value } : {}), effect };
}

function nodeAddresses({ nodeIp, address }: KubeletFlags, index: number): string[] {
  const own = address === '0.0.0.0' || address === '::' ? '127.0.0.1' : address;
  if (nodeIp.length === 0) return [own];
  return nodeIp.map((text) => {
    const range = /^(\d+)\.(\d+)\.(\d+)\.(\d+)\/(\d+)$/.exec(text);
    if (!range) return text;
    const [first = 0, second = 0, third = 0, fourth = 0, bits = 32] = range.slice(1).map(Number);
    if (index + 1 >= 2 ** (32 - bits))
      throw new FlagError(`invalid argument ${JSON.stringify(text)} for "--node-ip" flag: the range is too small`);
    const number = ((first * 256 + second) * 256 + third) * 256 + fourth + index + 1;
    return [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join('.');
  });
}

/** Canonical, as the apiserver stores it: a status that reads back otherwise would be reported again and again. */
function nodeCapacity({ capacity, maxPods }: KubeletFlags): Record<string, string> {
  const amounts = {
    cpu: '32',
    memory: '256Gi',
    'ephemeral-storage': '1Ti',
    'hugepages-1Gi': '0',
    'hugepages-2Mi': '0',
    ...capacity,
    pods: String(maxPods),
  };
  return Object.fromEntries(Object.entries(amounts).map(([name, amount]) => [name, Quantity.parse(amount).toString()]));
}

/** What the flags keep back, and what upstream keeps free so that it can evict in time: 100 Mi and a tenth of the disk. */
function reservedResources(
  { kubeReserved, systemReserved }: KubeletFlags,
  capacity: Readonly<Record<string, string>>,
): Record<string, string> {
  const disk = Quantity.parse(capacity['ephemeral-storage'] ?? '0');
  const sum = new Map<string, Quantity>([
    ['memory', Quantity.parse('100Mi')],
    ['ephemeral-storage', Quantity.of(Math.ceil(disk.value() / 10))],
  ]);
  for (const [name, amount] of [...Object.entries(kubeReserved), ...Object.entries(systemReserved)]) {
    sum.set(name, (sum.get(name) ?? Quantity.of(0)).add(Quantity.parse(amount)));
  }
  return Object.fromEntries([...sum].map(([name, amount]) => [name, amount.toString()]));
}
