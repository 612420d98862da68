import { notFound, objectKey, type KubeObject } from '@pilothouse/apimachinery';
import type {
  Binding,
  DeviceClass,
  DeviceTaintRule,
  Node,
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
  ResourceClaim,
  ResourceSlice,
} from '@pilothouse/api';
import type { EventRecorder, InformerHandler, Lister } from '@pilothouse/client';
import { FakeClock, MetricsRegistry, noTracer, seededRandom, silentLogger } from '@pilothouse/component';
import { buildScheduler, type BuiltScheduler } from '../build-scheduler.ts';
import { defaultConfiguration, type SchedulerConfiguration } from '../config/scheduler-configuration.ts';
import { nodeHandler, podHandler, resourceHandler } from '../event-handlers.ts';
import type { ApiWriter, PodStatusChange } from '../framework/api-writer.ts';
import type { ClusterListers } from '../framework/listers.ts';
import type { PluginFactory } from '../framework/plugin.ts';
import { podStatusPatch } from '../kube-api-writer.ts';

export interface RecordedEvent {
  readonly pod: string;
  readonly type: string;
  readonly reason: string;
  readonly message: string;
}

/** Objects of one resource in memory, and who is told of their changes. */
class Store<T extends KubeObject> implements Lister<T> {
  readonly #objects = new Map<string, T>();
  handler: InformerHandler<T> = {};

  get(key: string): T | undefined {
    return this.#objects.get(key);
  }

  list(namespace?: string): readonly T[] {
    return [...this.#objects.values()].filter(
      (object) => namespace === undefined || object.metadata?.namespace === namespace,
    );
  }

  byIndex(): readonly T[] {
    throw new Error('the fake cluster has no indexes');
  }

  countByIndex(): number {
    throw new Error('the fake cluster has no indexes');
  }

  set(object: T): void {
    const key = objectKey(object);
    const before = this.#objects.get(key);
    this.#objects.set(key, object);
    if (before) this.handler.onUpdate?.(before, object);
    else this.handler.onAdd?.(object, false);
  }

  delete(key: string): void {
    const object = this.#objects.get(key);
    this.#objects.delete(key);
    if (object) this.handler.onDelete?.(object);
  }
}

export interface FakeClusterOptions {
  readonly configuration?: Partial<SchedulerConfiguration>;
  readonly plugins?: readonly PluginFactory[];
}

/**
 * A cluster of objects in memory around a real scheduler on a fake clock. Every write takes effect at once and comes
 * back as an event, as from an apiserver.
 */
export class FakeCluster {
  readonly clock = new FakeClock();
  readonly events: RecordedEvent[] = [];
  readonly built: BuiltScheduler;
  readonly metrics = new MetricsRegistry();
  /** What the next bindings fail with. */
  readonly bindErrors: Error[] = [];
  readonly stores = {
    nodes: new Store<Node>(),
    pods: new Store<Pod>(),
    namespaces: new Store<any>(),
    services: new Store<any>(),
    replicationControllers: new Store<any>(),
    replicaSets: new Store<any>(),
    statefulSets: new Store<any>(),
    podDisruptionBudgets: new Store<any>(),
    persistentVolumes: new Store<PersistentVolume>(),
    persistentVolumeClaims: new Store<PersistentVolumeClaim>(),
    storageClasses: new Store<any>(),
    csiNodes: new Store<any>(),
    csiDrivers: new Store<any>(),
    csiStorageCapacities: new Store<any>(),
    deviceClasses: new Store<DeviceClass>(),
    resourceClaims: new Store<ResourceClaim>(),
    resourceSlices: new Store<ResourceSlice>(),
    deviceTaintRules: new Store<DeviceTaintRule>(),
  };
  #version = 1;

  constructor({ configuration, plugins }: FakeClusterOptions = {}) {
    this.built = buildScheduler({
      configuration: { ...defaultConfiguration(), ...configuration },
      ...(plugins ? { plugins } : {}),
      listers: this.stores satisfies ClusterListers,
      api: this.#api(),
      recorderOf: () => this.#recorder(),
      clock: this.clock,
      random: seededRandom(7),
      logger: silentLogger(),
      tracer: noTracer,
      metrics: this.metrics,
    });
    const { queue } = this.built;
    this.stores.nodes.handler = nodeHandler(this.built);
    this.stores.pods.handler = podHandler(this.built);
    this.stores.persistentVolumes.handler = resourceHandler('PersistentVolume', queue);
    this.stores.persistentVolumeClaims.handler = resourceHandler('PersistentVolumeClaim', queue);
    this.stores.storageClasses.handler = resourceHandler('StorageClass', queue);
    this.stores.deviceClasses.handler = resourceHandler('DeviceClass', queue);
    this.stores.resourceClaims.handler = resourceHandler('ResourceClaim', queue);
    this.stores.resourceSlices.handler = resourceHandler('ResourceSlice', queue);
    this.stores.deviceTaintRules.handler = resourceHandler('ResourceSlice', queue);
  }

  /** Creates or updates objects, each told apart by its kind. */
  apply(...objects: (Node | Pod)[]): this {
    for (const object of objects) {
      if (object.kind === 'Node') this.stores.nodes.set(object as Node);
      else this.#setPod(object as Pod);
    }
    return this;
  }

  pod(name: string, namespace = 'default'): Pod {
    const found = this.stores.pods.get(`${namespace}/${name}`);
    if (!found) throw new Error(`no pod ${namespace}/${name}`);
    return found;
  }

  deletePod(name: string, namespace = 'default'): void {
    this.stores.pods.delete(`${namespace}/${name}`);
  }

  nodeOf(name: string): string | undefined {
    return this.pod(name).spec.nodeName;
  }

  messages(name: string, reason = 'FailedScheduling'): string[] {
    return this.events.filter((event) => event.pod === name && event.reason === reason).map(({ message }) => message);
  }

  /** Schedules until nothing is left to try now. */
  async settle(): Promise<void> {
    const { queue, scheduler } = this.built;
    for (let queued = queue.pop(); queued; queued = queue.pop()) await scheduler.scheduleOne(queued);
    await new Promise((resolve) => setImmediate(resolve));
    if (queue.counts().active > 0) await this.settle();
  }

  #setPod(pod: Pod): void {
    const resourceVersion = String(++this.#version);
    this.stores.pods.set({ ...pod, metadata: { ...pod.metadata, resourceVersion } });
  }

  #existing({ metadata }: { metadata: Pod['metadata'] }): Pod {
    const name = metadata.name ?? '';
    const found = this.stores.pods.get(`${metadata.namespace}/${name}`);
    if (!found || (metadata.uid && found.metadata.uid !== metadata.uid))
      throw notFound({ group: '', resource: 'pods' }, name);
    return found;
  }

  #recorder(): EventRecorder {
    return {
      event: (regarding, type, reason, message) => {
        this.events.push({ pod: regarding.metadata?.name ?? '', type, reason, message });
      },
      flush: async () => undefined,
    };
  }

  #api(): ApiWriter {
    return {
      bindPod: async (binding: Binding) => {
        const error = this.bindErrors.shift();
        if (error) throw error;
        const pod = this.#existing(binding);
        this.#setPod({ ...pod, spec: { ...pod.spec, nodeName: binding.target.name! } });
      },
      patchPodStatus: async (pod: Pod, change: PodStatusChange) => {
        const patch = podStatusPatch(pod, change, this.clock.now()) as { status: Record<string, any> } | undefined;
        if (!patch) return;
        const current = this.#existing(pod);
        const { conditions: patched = [], ...rest } = patch.status;
        const kept = (current.status?.conditions ?? []).filter(
          ({ type }) => !patched.some((c: { type: string }) => c.type === type),
        );
        const status = { ...current.status, ...rest, conditions: [...kept, ...patched] };
        if (status.nominatedNodeName === null) delete status.nominatedNodeName;
        this.#setPod({ ...current, status });
      },
      deletePod: async (pod: Pod) => {
        const current = this.#existing(pod);
        this.#setPod({
          ...current,
          metadata: { ...current.metadata, deletionTimestamp: this.clock.now().toISOString() },
        });
      },
      updatePersistentVolume: async (volume) => (this.stores.persistentVolumes.set(volume), volume),
      getResourceClaim: async (claim) => this.stores.resourceClaims.get(objectKey(claim))!,
      updateResourceClaim: async (claim) => (this.stores.resourceClaims.set(claim), claim),
      updateResourceClaimStatus: async (claim) => (this.stores.resourceClaims.set(claim), claim),
      updatePersistentVolumeClaim: async (claim) => (this.stores.persistentVolumeClaims.set(claim), claim),
    };
  }
}
