import type { Pod, Service, ServicePort } from '@pilothouse/api';
import type { ClusterDirectory, Endpoint } from '../runtime/cluster-network.ts';
import type { PodWorker } from './pod-worker.ts';
import type { ServiceDirectory } from './service-directory.ts';

const DOMAIN = 'cluster.local';
const ADDRESS = /^\d+(\.\d+){3}$/;

/**
 * Names and services as the pods of this process see them. The endpoints of a service are worked out from its selector
 * and this process's pods, which are all that a simulated process could reach: no other watch is needed.
 * https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/
 */
export class SimulatedDirectory implements ClusterDirectory {
  readonly #services: ServiceDirectory;
  readonly #pods: () => readonly PodWorker[];

  constructor(services: ServiceDirectory, pods: () => readonly PodWorker[]) {
    this.#services = services;
    this.#pods = pods;
  }

  resolve(name: string, namespace: string): readonly string[] | undefined {
    const host = name.toLowerCase().replace(/\.$/, '');
    if (host === 'localhost') return ['127.0.0.1'];
    if (ADDRESS.test(host)) return [host];
    for (const suffix of ['', `.${namespace}.svc.${DOMAIN}`, `.svc.${DOMAIN}`, `.${DOMAIN}`]) {
      const found = this.#lookup(host + suffix);
      if (found) return found;
    }
    return undefined;
  }

  isExternal(name: string): boolean {
    const labels = name.toLowerCase().replace(/\.$/, '').split('.');
    if (ADDRESS.test(name)) return false;
    if (labels.length === 1 || labels.includes('svc') || labels.slice(-2).join('.') === DOMAIN) return false;
    return labels.length > 2 || !this.#hasNamespace(labels[1]!);
  }

  backends(address: string, port: number): readonly Endpoint[] | undefined {
    const service = this.#services.byAddress(address);
    if (!service) return undefined;
    const servicePort = service.spec?.ports?.find((each) => each.port === port);
    if (!servicePort) return [];
    return this.#endpoints(service).flatMap((pod) => {
      const target = targetPort(pod, servicePort);
      const podIP = pod.status?.podIP;
      return target && podIP ? [{ address: podIP, port: target }] : [];
    });
  }

  /** A fully qualified name: of a service, or of a pod of a headless one. */
  #lookup(name: string): readonly string[] | undefined {
    const match = new RegExp(`^(?:([^.]+)\\.)?([^.]+)\\.([^.]+)\\.svc\\.${DOMAIN.replace('.', '\\.')}$`).exec(name);
    if (!match) return undefined;
    const [, hostname, serviceName = '', namespace = ''] = match;
    const service = this.#services.get(namespace, serviceName);
    if (!service) return undefined;
    const { clusterIP, clusterIPs, type } = service.spec ?? {};
    if (type === 'ExternalName') return undefined;
    const isHeadless = clusterIP === 'None';
    if (hostname === undefined && !isHeadless) return clusterIPs ?? (clusterIP ? [clusterIP] : []);
    const pods = this.#endpoints(service).filter(
      ({ spec }) => hostname === undefined || (spec.hostname === hostname && spec.subdomain === serviceName),
    );
    const addresses = pods.flatMap(({ status }) => (status?.podIP ? [status.podIP] : []));
    return addresses.length > 0 ? addresses : undefined;
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

function isServing({ metadata }: Pod, status: Pod['status']): boolean {
  const isReady = status?.conditions?.some((condition) => condition.type === 'Ready' && condition.status === 'True');
  return metadata.deletionTimestamp === undefined && (isReady ?? false);
}

function targetPort({ spec }: Pod, { targetPort: target, port }: ServicePort): number | undefined {
  if (target === undefined || target === '' || target === 0) return port;
  if (typeof target === 'number' || /^\d+$/.test(target)) return Number(target);
  const ports = spec.containers.flatMap((container) => container.ports ?? []);
  return ports.find(({ name }) => name === target)?.containerPort;
}
