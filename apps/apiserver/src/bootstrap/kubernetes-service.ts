import {
  createCodec,
  deepEqual,
  hasEnvelope,
  isAlreadyExists,
  isNotFound,
  type KubeObject,
} from '@pilothouse/apimachinery';
import { schemaFor, type Endpoints, type EndpointSlice, type Service } from '@pilothouse/api';
import type { Clock, Logger } from '@pilothouse/component';
import type { ResourceStore, Storage } from '@pilothouse/storage';
import { familyOf } from '../services/ip-range.ts';
import { fillSystemMetadata } from '../registry/metadata.ts';
import type { ObjectRegistry } from '../registry/object-registry.ts';
import type { Resources } from '../registry/resources.ts';
import { ensureObject } from './ensure-object.ts';

const NAME = 'kubernetes';
const NAMESPACE = 'default';
/** An apiserver that does not renew its lease for this long is no endpoint any more. */
const LEASE_SECONDS = 15;
const RENEW_MS = 10_000;

export interface KubernetesServiceOptions {
  readonly storage: Storage;
  readonly resources: Resources;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Where the members of the cluster reach this apiserver. */
  readonly address: string;
  readonly port: number;
  /** The first address of the service range. */
  readonly clusterIp: string;
}

/**
 * The `kubernetes` Service and its endpoints: the apiservers that live. Each keeps a lease in etcd
 * (`/registry/masterleases/<address>`) and all write what the leases say. Upstream: pkg/controlplane/reconcilers.
 */
export class KubernetesService {
  readonly #options: KubernetesServiceOptions;
  readonly #leases: ResourceStore;
  #stop: (() => void) | undefined;
  #stopped = false;

  constructor(options: KubernetesServiceOptions) {
    this.#options = options;
    const codec = createCodec(schemaFor('', 'v1', 'Endpoints')!);
    this.#leases = options.storage.resource({
      group: '',
      resource: 'masterleases',
      storagePrefix: 'masterleases',
      namespaced: false,
      ttlSeconds: LEASE_SECONDS,
      codec: {
        encode: (object) => codec.encodeProtobuf(object),
        decode: (bytes) =>
          hasEnvelope(bytes) ? codec.decodeProtobuf(bytes) : codec.decodeJson(bytes.toString()).object,
      },
    });
  }

  async start(): Promise<void> {
    await this.#ensureService();
    await this.#reconcile();
  }

  /** Takes this apiserver off the endpoints, before it stops to serve. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#stop?.();
    try {
      await this.#leases.delete({ namespace: '', name: this.#options.address });
      await this.#writeEndpoints();
    } catch (error) {
      if (!isNotFound(error))
        this.#options.logger.warn({ err: error }, 'Could not leave the endpoints of the kubernetes service');
    }
  }

  async #reconcile(): Promise<void> {
    try {
      await this.#renewLease();
      await this.#writeEndpoints();
    } catch (error) {
      this.#options.logger.warn({ err: error }, 'Could not renew the endpoints of the kubernetes service');
    }
    if (!this.#stopped) this.#stop = this.#options.clock.after(RENEW_MS, () => void this.#reconcile());
  }

  async #ensureService(): Promise<void> {
    const { resources, clusterIp, port, clock } = this.#options;
    const service = {
      kind: 'Service',
      apiVersion: 'v1',
      metadata: { name: NAME, namespace: NAMESPACE, labels: { component: 'apiserver', provider: 'kubernetes' } },
      spec: {
        type: 'ClusterIP',
        clusterIP: clusterIp,
        clusterIPs: [clusterIp],
        ipFamilies: [familyOf(clusterIp)!],
        ipFamilyPolicy: 'SingleStack',
        sessionAffinity: 'None',
        ports: [{ name: 'https', port: 443, protocol: 'TCP', targetPort: port }],
      },
    };
    await ensureObject(resources.get('', 'services').registry, service as Service, clock.now());
  }

  async #renewLease(): Promise<void> {
    const { address } = this.#options;
    await this.#leases.update(
      { namespace: '', name: address },
      (current) => {
        const before = current?.object as Endpoints | undefined;
        // Something has to change for the write to happen and the lease to be renewed.
        const generation = (before?.metadata?.generation ?? 0) + 1;
        const metadata = { ...before?.metadata, name: address, generation };
        return {
          kind: 'Endpoints',
          apiVersion: 'v1',
          metadata,
          subsets: [{ addresses: [{ ip: address }] }],
        } as KubeObject;
      },
      { createIfAbsent: true },
    );
  }

  async #writeEndpoints(): Promise<void> {
    const { resources } = this.#options;
    const { items } = await this.#leases.list({ namespace: '', resourceVersion: '', unfiltered: true });
    const addresses = items.map(({ key }) => key.name).sort();
    await this.#write(resources.get('', 'endpoints').registry, this.#endpoints(addresses));
    await this.#write(resources.get('discovery.k8s.io', 'endpointslices').registry, this.#slice(addresses));
  }

  #endpoints(addresses: readonly string[]): KubeObject {
    const ports = [{ name: 'https', port: this.#options.port, protocol: 'TCP' }];
    return {
      kind: 'Endpoints',
      apiVersion: 'v1',
      metadata: { name: NAME, namespace: NAMESPACE, labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' } },
      ...(addresses.length > 0 ? { subsets: [{ addresses: addresses.map((ip) => ({ ip })), ports }] } : {}),
    } as Endpoints;
  }

  #slice(addresses: readonly string[]): KubeObject {
    return {
      kind: 'EndpointSlice',
      apiVersion: 'discovery.k8s.io/v1',
      metadata: { name: NAME, namespace: NAMESPACE, labels: { 'kubernetes.io/service-name': NAME } },
      addressType: familyOf(this.#options.address)!,
      endpoints: addresses.map((address) => ({ addresses: [address], conditions: { ready: true } })),
      ports: [{ name: 'https', protocol: 'TCP', port: this.#options.port }],
    } as EndpointSlice;
  }

  /**
   * Past validation, on purpose: the only address of an apiserver on a laptop is a loopback one, which nobody else
   * may write into endpoints.
   */
  async #write({ store }: ObjectRegistry, wanted: KubeObject): Promise<void> {
    const key = { namespace: NAMESPACE, name: NAME };
    try {
      await store.update(
        key,
        (current) => {
          if (current === undefined) {
            fillSystemMetadata(wanted, this.#options.clock.now());
            return wanted;
          }
          const { metadata, ...rest } = current.object;
          const { metadata: _, ...content } = wanted;
          return deepEqual(rest, content) ? current.object : { ...content, metadata: metadata! };
        },
        { createIfAbsent: true },
      );
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
    }
  }
}
