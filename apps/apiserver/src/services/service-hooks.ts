import { fieldPath, FieldError, internalError, invalid, invalidValue } from '@pilothouse/apimachinery';
import {
  dropTypeDependentFields,
  isHeadless,
  keepAllocatedValues,
  needsClusterIp,
  needsHealthCheckNodePort,
  normalizeClusterIps,
  type Service,
  type ServiceSpec,
} from '@pilothouse/api';
import type { WriteContext } from '../registry/write-context.ts';
import type { Finish, WriteHooks } from '../registry/write-hooks.ts';
import { AllocationError, type ClusterIpAllocator } from './cluster-ip-allocator.ts';
import { fillIpFamilies, NONE } from './ip-families.ts';
import { familyOf } from './ip-range.ts';
import type { NodePortAllocator } from './node-port-allocator.ts';

export interface ServiceAllocators {
  /** The default family first. */
  readonly clusterIps: readonly ClusterIpAllocator[];
  readonly nodePorts: NodePortAllocator;
}

/** Addresses and ports of a Service are taken before it is written, and given back when that fails or it goes. */
export function serviceHooks(allocators: ServiceAllocators): WriteHooks {
  return {
    async beginCreate(object, context) {
      const service = object as Service;
      normalizeClusterIps(service.spec!);
      return allocate(allocators, service, undefined, context);
    },
    async beginUpdate(object, old, context) {
      const [service, before] = [object as Service, (old as Service).spec!];
      dropTypeDependentFields(service.spec!, before);
      keepAllocatedValues(service.spec!, before);
      normalizeClusterIps(service.spec!, before);
      return allocate(allocators, service, before, context);
    },
    async afterDelete(object, { now }) {
      await release(allocators, taken((object as Service).spec!), now);
    },
  };
}

interface Taken {
  readonly ips: readonly string[];
  readonly ports: readonly number[];
}

function taken(spec: ServiceSpec): Taken {
  const ips = needsClusterIp(spec) && !isHeadless(spec) ? (spec.clusterIPs ?? []) : [];
  const ports = new Set((spec.ports ?? []).map(({ nodePort }) => nodePort ?? 0));
  ports.add(spec.healthCheckNodePort ?? 0);
  ports.delete(0);
  return { ips, ports: [...ports] };
}

async function release({ clusterIps, nodePorts }: ServiceAllocators, { ips, ports }: Taken, now: Date): Promise<void> {
  for (const ip of ips) await clusterIps.find(({ family }) => family === familyOf(ip))?.release(ip, now);
  for (const port of ports) await nodePorts.release(port);
}

async function allocate(
  allocators: ServiceAllocators,
  service: Service,
  before: ServiceSpec | undefined,
  context: WriteContext,
): Promise<Finish> {
  const spec = service.spec!;
  const families = allocators.clusterIps.map(({ family }) => family);
  const errors = fillIpFamilies(service, families);
  if (errors.length > 0) throw invalid('', 'Service', service.metadata?.name ?? '', errors);
  const old = before ? taken(before) : { ips: [], ports: [] };
  const fresh = { ips: [] as string[], ports: [] as number[] };
  try {
    await allocateIps(allocators, service, old, fresh, context);
    await allocatePorts(allocators, service, old, fresh, context);
  } catch (error) {
    await release(allocators, fresh, context.now);
    throw error;
  }
  const now = taken(spec);
  const gone = {
    ips: old.ips.filter((ip) => !now.ips.includes(ip)),
    ports: old.ports.filter((port) => !now.ports.includes(port)),
  };
  return (succeeded) => release(allocators, succeeded ? gone : fresh, context.now);
}

async function allocateIps(
  { clusterIps }: ServiceAllocators,
  service: Service,
  old: Taken,
  fresh: { ips: string[] },
  { dryRun, now }: WriteContext,
): Promise<void> {
  const spec = service.spec!;
  if (!needsClusterIp(spec)) return;
  if (isHeadless(spec)) {
    Object.assign(spec, { clusterIP: NONE, clusterIPs: [NONE] });
    return;
  }
  const ips = [...(spec.clusterIPs ?? [])];
  for (const [i, family] of (spec.ipFamilies ?? []).entries()) {
    const allocator = clusterIps.find((each) => each.family === family);
    if (allocator === undefined || (ips[i] && old.ips.includes(ips[i]))) continue;
    // A dry run must not take anything, and what it shows would not be what comes.
    if (dryRun) {
      ips[i] ||= (await allocator.example()) ?? '';
    } else if (ips[i]) {
      await named(`${ips[i]}`, service, () => allocator.allocate(ips[i]!, service, now));
      fresh.ips.push(ips[i]);
    } else {
      ips[i] = await named('', service, () => allocator.allocateNext(service, now));
      fresh.ips.push(ips[i]!);
    }
  }
  if (ips.length > 0) Object.assign(spec, { clusterIP: ips[0], clusterIPs: ips });
}

async function named<T>(ip: string, service: Service, take: () => Promise<T>): Promise<T> {
  try {
    return await take();
  } catch (error) {
    if (!(error instanceof AllocationError)) throw error;
    if (ip === '') throw internalError(new Error(`failed to allocate a serviceIP: ${error.message}`));
    const detail = `failed to allocate IP ${ip}: ${error.message}`;
    throw invalid('', 'Service', service.metadata?.name ?? '', [
      invalidValue(fieldPath('spec', 'clusterIPs'), service.spec!.clusterIPs, detail),
    ]);
  }
}

async function allocatePorts(
  { nodePorts }: ServiceAllocators,
  service: Service,
  old: Taken,
  fresh: { ports: number[] },
  { dryRun }: WriteContext,
): Promise<void> {
  const spec = service.spec!;
  /** One number may serve several protocols of the same port. */
  const mine = new Set(old.ports);
  const byPort = new Map<string, number>();
  const take = async (wanted: number, path: string): Promise<number> => {
    if (wanted && mine.has(wanted)) return wanted;
    if (dryRun) return wanted;
    const port = await numbered(wanted, path, service, async () => {
      if (!wanted) return nodePorts.allocateNext();
      await nodePorts.allocate(wanted);
      return wanted;
    });
    fresh.ports.push(port);
    mine.add(port);
    return port;
  };
  for (const [i, port] of (spec.ports ?? []).entries()) {
    if (!port.nodePort && !wantsNodePorts(spec)) continue;
    const key = `${port.port}`;
    const shared = byPort.get(key);
    const wanted = port.nodePort || (shared !== undefined ? shared : 0);
    const given = await take(wanted, `spec.ports[${i}].nodePort`);
    if (given) port.nodePort = given;
    if (given && spec.ports!.some((each) => each !== port && each.port === port.port)) byPort.set(key, given);
  }
  if (!needsHealthCheckNodePort(spec)) return;
  const given = await take(spec.healthCheckNodePort ?? 0, 'spec.healthCheckNodePort');
  if (given) spec.healthCheckNodePort = given;
}

/** A load balancer that reaches pods by itself can do without. */
function wantsNodePorts({ type, allocateLoadBalancerNodePorts }: ServiceSpec): boolean {
  return type === 'NodePort' || (type === 'LoadBalancer' && allocateLoadBalancerNodePorts !== false);
}

async function numbered(port: number, path: string, service: Service, take: () => Promise<number>): Promise<number> {
  try {
    return await take();
  } catch (error) {
    if (!(error instanceof AllocationError)) throw error;
    if (!port) throw internalError(new Error(`failed to allocate a nodePort: ${error.message}`));
    throw invalid('', 'Service', service.metadata?.name ?? '', [
      new FieldError('FieldValueInvalid', path, port, error.message),
    ]);
  }
}
