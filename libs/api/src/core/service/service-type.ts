import type { Service } from '@pilothouse/api';

type Spec = Service['spec'];

/** What a service's type says of the other fields. */
export const needsClusterIp = (spec: Spec): boolean =>
  spec?.type === 'ClusterIP' || spec?.type === 'NodePort' || spec?.type === 'LoadBalancer';

export const needsNodePorts = (spec: Spec): boolean => spec?.type === 'NodePort' || spec?.type === 'LoadBalancer';

/** A load balancer that keeps the client's address asks each node whether it has an endpoint. */
export const needsHealthCheckNodePort = (spec: Spec): boolean =>
  spec?.type === 'LoadBalancer' && spec.externalTrafficPolicy === 'Local';

export const isExternallyAccessible = (spec: Spec): boolean =>
  needsNodePorts(spec) || (spec?.type === 'ClusterIP' && (spec.externalIPs?.length ?? 0) > 0);

/** No address of its own: its name resolves to the endpoints. */
export const isHeadless = (spec: Spec): boolean => spec?.clusterIPs?.length === 1 && spec.clusterIPs[0] === 'None';
