import type { discoveryV1, Service } from '@pilothouse/api';

type Endpoint = discoveryV1.Endpoint;

const SAME_ZONE = new Set(['PreferClose', 'PreferSameZone', 'PreferSameNode']);

/**
 * Who is to send to a ready endpoint first, as the service's `trafficDistribution` says: those of its zone, or of its
 * node. https://kubernetes.io/docs/concepts/services-networking/service/#traffic-distribution
 */
export function hintsFor({ spec }: Service, { zone, nodeName, conditions }: Endpoint): Endpoint['hints'] {
  const preference = spec.trafficDistribution ?? '';
  if (!SAME_ZONE.has(preference) || !conditions?.ready) return undefined;
  const ofNode = preference === 'PreferSameNode' && nodeName;
  if (!zone && !ofNode) return undefined;
  return { ...(zone ? { forZones: [{ name: zone }] } : {}), ...(ofNode ? { forNodes: [{ name: ofNode }] } : {}) };
}
