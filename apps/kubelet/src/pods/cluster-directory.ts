import type { Pod, Service, ServicePort } from '@pilothouse/api';
import { CLUSTER_DOMAIN } from '../runtime/cluster-dns.ts';
import type { Backends, ClusterDirectory, DnsRecord, Protocol, RecordType } from '../runtime/cluster-network.ts';
import type { PodWorker } from './pod-worker.ts';
import { serviceRecords } from './service-records.ts';
import type { ServiceDirectory } from './service-directory.ts';

/**
 * Names and services as the pods of this process see them. The endpoints of a service are worked out from its selector
 * and this process's pods, which are all that a simulated process could reach: no other watch is needed.
 * https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/
 */
export class SimulatedDirectory implements ClusterDirectory {
  readonly #services: ServiceDirectory;
  readonly #pods: () => readonly PodWorker[];
  readonly #nodeAddresses: () => readonly string[];

  constructor(
    services: ServiceDirectory,
    pods: () => readonly PodWorker[],
    nodeAddresses: () => readonly string[] = () => [],
  ) {
    this.#services = services;
    this.#pods = pods;
    this.#nodeAddresses = nodeAddresses;
  }

  records(name: string, type: RecordType): readonly DnsRecord[] {
    const suffix = `.${CLUSTER_DOMAIN}`;
    if (type === 'PTR') return this.#reverse(name);
    if (!name.endsWith(suffix)) return [];
    const labels = name.slice(0, -suffix.length).split('.');
    const [kind, namespace = '', serviceName = ''] = labels.toReversed();
    if (kind === 'pod') return type === 'A' ? podRecord(name, labels) : [];
    const service = kind === 'svc' ? this.#services.get(namespace, serviceName) : undefined;
    if (!service) return [];
    const prefix = labels.slice(0, -3);
    return serviceRecords(service, this.#endpoints(service), { name, prefix, type });
  }

  isExternal(name: string): boolean {
    const labels = name.toLowerCase().replace(/\.$/, '').split('.');
    if (labels.length === 1 || labels.includes('svc') || labels.slice(-2).join('.') === CLUSTER_DOMAIN) return false;
    return labels.length > 2 || !this.#hasNamespace(labels[1]!);
  }

  backends(address: string, port: number, protocol: Protocol): Backends | undefined {
    const service = this.#services.byAddress(address);
    if (service) {
      const wanted = (each: ServicePort): boolean => each.port === port && (each.protocol ?? 'TCP') === protocol;
      return this.#behind(service, service.spec?.ports?.find(wanted));
    }
    if (!this.#nodeAddresses().includes(address)) return undefined;
    const exposed = this.#services.byNodePort(port, protocol);
    return exposed && this.#behind(exposed.service, exposed.port);
  }

  #behind(service: Service, servicePort: ServicePort | undefined): Backends {
    if (!servicePort) return { endpoints: [] };
    const endpoints = this.#endpoints(service).flatMap((pod) => {
      const target = targetPort(pod, servicePort);
      const podIP = pod.status?.podIP;
      return target && podIP ? [{ address: podIP, port: target }] : [];
    });
    const { sessionAffinity, sessionAffinityConfig } = service.spec ?? {};
    if (sessionAffinity !== 'ClientIP') return { endpoints };
    const timeoutSeconds = sessionAffinityConfig?.clientIP?.timeoutSeconds ?? 10_800;
    return { endpoints, affinity: { key: `${service.metadata.uid}/${servicePort.name ?? ''}`, timeoutSeconds } };
  }

  #reverse(name: string): DnsRecord[] {
    const octets = /^(\d+)\.(\d+)\.(\d+)\.(\d+)\.in-addr\.arpa$/.exec(name)?.slice(1).toReversed();
    if (!octets) return [];
    const address = octets.join('.');
    const service = this.#services.byAddress(address);
    if (service) {
      const { name: serviceName, namespace } = service.metadata;
      return [{ name, type: 'PTR', data: `${serviceName}.${namespace}.svc.${CLUSTER_DOMAIN}.` }];
    }
    const pod = this.#pods().find(({ status }) => status?.podIP === address)?.pod;
    const { hostname, subdomain } = pod?.spec ?? {};
    if (!pod || !hostname || !subdomain) return [];
    return [{ name, type: 'PTR', data: `${hostname}.${subdomain}.${pod.metadata.namespace}.svc.${CLUSTER_DOMAIN}.` }];
  }

  #endpoints({ metadata, spec }: Service): Pod[] {
    const selector = Object.entries(spec?.selector ?? {});
    if (selector.length === 0) return [];
    return this.#pods()
      .filter(({ pod }) => pod.metadata.namespace === metadata.namespace)
      .filter(({ pod }) => selector.every(([key, value]) => pod.metadata.labels?.[key] === value))
      .filter(({ active, pod, status }) => active && (spec?.publishNotReadyAddresses || isServing(pod, status)))
      .map(({ pod, status }) => ({ ...pod, status }));
  }

  #hasNamespace(namespace: string): boolean {
    return (
      this.#services.hasNamespace(namespace) || this.#pods().some(({ pod }) => pod.metadata.namespace === namespace)
    );
  }
}

/** `10-244-0-7.shop.pod.cluster.local` is 10.244.0.7, whoever has it. */
function podRecord(name: string, [dashed = '', , ...rest]: readonly string[]): DnsRecord[] {
  const isPod = /^\d+(-\d+){3}$/.test(dashed) && rest.length === 1;
  return isPod ? [{ name, type: 'A', data: dashed.replaceAll('-', '.') }] : [];
}

function isServing({ metadata }: Pod, status: Pod['status']): boolean {
  const isReady = status?.conditions?.some((condition) => condition.type === 'Ready' && condition.status === 'True');
  return metadata.deletionTimestamp === undefined && (isReady ?? false);
}

export function targetPort({ spec }: Pod, { targetPort: target, port }: ServicePort): number | undefined {
  if (target === undefined || target === '' || target === 0) return port;
  if (typeof target === 'number' || /^\d+$/.test(target)) return Number(target);
  const ports = spec.containers.flatMap((container) => container.ports ?? []);
  return ports.find(({ name }) => name === target)?.containerPort;
}
