import type { Pod, Service, ServicePort } from '@pilothouse/api';
import type { DnsRecord, RecordType } from '../runtime/cluster-network.ts';
import { CLUSTER_DOMAIN } from '../runtime/cluster-dns.ts';

export interface ServiceQuestion {
  /** As it was asked. */
  readonly name: string;
  /** What stands before the service's own name: `web-0`, or `_http` and `_tcp`. */
  readonly prefix: readonly string[];
  readonly type: RecordType;
}

/** What the cluster's DNS answers of a service. https://github.com/kubernetes/dns/blob/master/docs/specification.md */
export function serviceRecords(service: Service, pods: readonly Pod[], question: ServiceQuestion): DnsRecord[] {
  const { name, prefix, type } = question;
  const { clusterIP, clusterIPs, type: serviceType, externalName = '', ports = [] } = service.spec ?? {};
  if (serviceType === 'ExternalName')
    return type === 'CNAME' && prefix.length === 0 ? [{ name, type, data: `${externalName.replace(/\.$/, '')}.` }] : [];
  const isHeadless = clusterIP === 'None';
  const own = `${service.metadata.name}.${service.metadata.namespace}.svc.${CLUSTER_DOMAIN}.`;
  if (type === 'SRV') {
    const wanted = ports.filter((port) => isAsked(port, prefix));
    return wanted.flatMap((port) =>
      isHeadless
        ? pods.map((pod) => ({
            name,
            type,
            data: `0 ${Math.floor(100 / pods.length)} ${port.port} ${hostOf(pod, service)}.${own}`,
          }))
        : [{ name, type, data: `0 100 ${port.port} ${own}` }],
    );
  }
  if (type !== 'A' || prefix.length > 1) return [];
  if (!isHeadless)
    return prefix.length > 0
      ? []
      : (clusterIPs ?? (clusterIP ? [clusterIP] : [])).map((data) => ({ name, type, data }));
  return pods
    .filter((pod) => prefix.length === 0 || hostOf(pod, service) === prefix[0])
    .flatMap(({ status }) => (status?.podIP ? [{ name, type, data: status.podIP }] : []));
}

function isAsked({ name = '', protocol = 'TCP' }: ServicePort, prefix: readonly string[]): boolean {
  if (prefix.length === 0) return true;
  return prefix.length === 2 && prefix[0] === `_${name}` && prefix[1] === `_${protocol.toLowerCase()}`;
}

/** A pod of a headless service has its host name there, or one made of its address. */
function hostOf({ spec, status }: Pod, { metadata }: Service): string {
  if (spec.hostname && spec.subdomain === metadata.name) return spec.hostname;
  return (status?.podIP ?? '').replaceAll('.', '-');
}
