import { deepEqual } from '@pilothouse/apimachinery';
import type { ServiceSpec } from '@pilothouse/api';
import { isExternallyAccessible, needsClusterIp, needsHealthCheckNodePort, needsNodePorts } from './service-type.ts';

/**
 * The fields of a service that Kubernetes fills in and a client need not repeat: addresses and ports. These functions
 * only move values within and between objects; reserving them is the registry's business.
 */

/** Makes `clusterIPs` follow `clusterIP` for clients that know only the latter. Changes `spec`. */
export function normalizeClusterIps(spec: ServiceSpec, old?: ServiceSpec): void {
  if (old === undefined) {
    if (spec.clusterIP && !spec.clusterIPs?.length) spec.clusterIPs = [spec.clusterIP];
    return;
  }
  if ((spec.clusterIP ?? '') === (old.clusterIP ?? '') || !deepEqual(spec.clusterIPs ?? [], old.clusterIPs ?? []))
    return;
  if (spec.clusterIP) spec.clusterIPs = [spec.clusterIP];
  else delete spec.clusterIPs;
}

/** Fills what was allocated before and is missing now, when old and new type both need it. Changes `spec`. */
export function keepAllocatedValues(spec: ServiceSpec, old: ServiceSpec): void {
  if (needsClusterIp(old) && needsClusterIp(spec)) {
    if (!spec.clusterIP && old.clusterIP) spec.clusterIP = old.clusterIP;
    if (!spec.clusterIPs?.length && spec.clusterIP === old.clusterIP && old.clusterIPs)
      spec.clusterIPs = old.clusterIPs;
  }
  if (needsNodePorts(old) && needsNodePorts(spec)) keepNodePorts(spec, old);
  if (needsHealthCheckNodePort(old) && needsHealthCheckNodePort(spec) && old.healthCheckNodePort) {
    spec.healthCheckNodePort ||= old.healthCheckNodePort;
  }
}

/** Ports are matched by name; a number that another port of the new spec already has is not given twice. */
function keepNodePorts(spec: ServiceSpec, old: ServiceSpec): void {
  const used = nodePortsOf(spec);
  const byName = new Map((old.ports ?? []).map((port) => [port.name ?? '', port.nodePort]));
  for (const port of spec.ports ?? []) {
    const before = byName.get(port.name ?? '');
    if (!port.nodePort && before && !used.has(before)) port.nodePort = before;
  }
}

const nodePortsOf = (spec: ServiceSpec): Set<number> =>
  new Set((spec.ports ?? []).flatMap((port) => port.nodePort || []));

/** Drops what a change of type makes meaningless, as far as the client left it as it was. Changes `spec`. */
export function dropTypeDependentFields(spec: ServiceSpec, old: ServiceSpec): void {
  const dropUnchanged = (field: keyof ServiceSpec): void => {
    if (deepEqual(spec[field], old[field])) delete spec[field];
  };
  const lost = (needs: (each: ServiceSpec) => boolean): boolean => needs(old) && !needs(spec);
  if (lost(needsClusterIp)) {
    if (spec.clusterIP === old.clusterIP && deepEqual(spec.clusterIPs, old.clusterIPs)) {
      delete spec.clusterIP;
      delete spec.clusterIPs;
    }
    dropUnchanged('ipFamilies');
    dropUnchanged('ipFamilyPolicy');
  }
  if (lost(needsNodePorts) && nodePortsOf(spec).isSubsetOf(nodePortsOf(old))) {
    for (const port of spec.ports ?? []) delete port.nodePort;
  }
  if (lost(needsHealthCheckNodePort)) dropUnchanged('healthCheckNodePort');
  if (lost((each) => each.type === 'LoadBalancer')) {
    dropUnchanged('allocateLoadBalancerNodePorts');
    dropUnchanged('loadBalancerClass');
  }
  if (lost(isExternallyAccessible)) dropUnchanged('externalTrafficPolicy');
}
