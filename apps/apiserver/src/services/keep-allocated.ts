import type { ServicePort, ServiceSpec } from '@pilothouse/api';
import { needsClusterIp } from './ip-families.ts';

export function needsNodePort({ type, allocateLoadBalancerNodePorts }: ServiceSpec): boolean {
  return type === 'NodePort' || (type === 'LoadBalancer' && allocateLoadBalancerNodePorts !== false);
}

export function needsHealthCheckPort({ type, externalTrafficPolicy }: ServiceSpec): boolean {
  return type === 'LoadBalancer' && externalTrafficPolicy === 'Local';
}

/**
 * What the server once gave stays given when the client, who need not know it, leaves it out. Upstream:
 * patchAllocatedValues.
 */
export function keepAllocated(spec: ServiceSpec, before: ServiceSpec): void {
  if (needsClusterIp(before) && needsClusterIp(spec)) {
    if (!spec.clusterIP) spec.clusterIP = before.clusterIP;
    if (!spec.clusterIPs?.length && spec.clusterIP === before.clusterIP) spec.clusterIPs = before.clusterIPs;
  }
  if (hasNodePorts(before) && hasNodePorts(spec)) keepNodePorts(spec, before);
  if (needsHealthCheckPort(before) && needsHealthCheckPort(spec) && !spec.healthCheckNodePort) {
    spec.healthCheckNodePort = before.healthCheckNodePort;
  }
}

function hasNodePorts({ type }: ServiceSpec): boolean {
  return type === 'NodePort' || type === 'LoadBalancer';
}

function keepNodePorts(spec: ServiceSpec, before: ServiceSpec): void {
  const used = new Set((spec.ports ?? []).filter(({ nodePort }) => nodePort).map(portKey));
  for (const port of spec.ports ?? []) {
    if (port.nodePort) continue;
    const old = before.ports?.find((each) => (each.name ?? '') === (port.name ?? ''));
    if (!old?.nodePort || used.has(portKey({ ...port, nodePort: old.nodePort }))) continue;
    port.nodePort = old.nodePort;
    used.add(portKey(port));
  }
}

export function portKey({ nodePort, protocol }: Pick<ServicePort, 'nodePort' | 'protocol'>): string {
  return `${nodePort}/${protocol ?? 'TCP'}`;
}

/** A change of type takes away what the new type does not have, unless the client changed it too. Upstream: dropTypeDependentFields. */
export function dropForeignFields(spec: ServiceSpec, before: ServiceSpec): void {
  if (needsClusterIp(before) && !needsClusterIp(spec)) {
    if (spec.clusterIP === before.clusterIP) {
      delete spec.clusterIP;
      delete spec.clusterIPs;
    }
    delete spec.ipFamilies;
    delete spec.ipFamilyPolicy;
  }
  if (hasNodePorts(before) && !hasNodePorts(spec)) {
    for (const port of spec.ports ?? []) {
      if (before.ports?.some((old) => old.nodePort === port.nodePort)) delete port.nodePort;
    }
  }
  if (
    needsHealthCheckPort(before) &&
    !needsHealthCheckPort(spec) &&
    spec.healthCheckNodePort === before.healthCheckNodePort
  ) {
    delete spec.healthCheckNodePort;
  }
  if (before.type === 'LoadBalancer' && spec.type !== 'LoadBalancer') {
    if (spec.allocateLoadBalancerNodePorts === before.allocateLoadBalancerNodePorts)
      delete spec.allocateLoadBalancerNodePorts;
    if (spec.loadBalancerClass === before.loadBalancerClass) delete spec.loadBalancerClass;
  }
  if (hasNodePorts(before) && !hasNodePorts(spec) && spec.externalTrafficPolicy === before.externalTrafficPolicy) {
    delete spec.externalTrafficPolicy;
  }
  if (!needsClusterIp(spec) && spec.internalTrafficPolicy === before.internalTrafficPolicy)
    delete spec.internalTrafficPolicy;
}
