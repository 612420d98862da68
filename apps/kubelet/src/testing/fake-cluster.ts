import { configmaps, events, messageSchema, nodes, pods, secrets } from '@pilothouse/api';
import type { ConfigMap, Container, Event, Node, Pod, PodSpec, ResourceRef, Secret } from '@pilothouse/api';
import { alreadyExists, applyStrategicMergePatch, conflict, notFound, objectKey } from '@pilothouse/apimachinery';
import type { KubeObject, ObjectMeta } from '@pilothouse/apimachinery';
import type { InformerFactory, InformerHandler, KubeClient, Patch } from '@pilothouse/client';
import { FakeClock, seededRandom, silentLogger } from '@pilothouse/component';
import { createSimulation, Kubelet } from '../kubelet.ts';
import { planNodes } from '../kubelet-options.ts';
import { FLAGS } from '../flags.ts';
import type { KubeletFlags } from '../kubelet-options.ts';
import type { Stage } from '../stages/stage.ts';

const SCHEMAS: Readonly<Record<string, string>> = { pods: 'Pod', nodes: 'Node' };

export interface FakeClusterOptions {
  readonly flags?: Partial<KubeletFlags>;
  readonly stages?: readonly Stage[];
}

/**
 * The part of an apiserver that a kubelet uses, in memory and on a fake clock, with a kubelet beside it: tests create
 * pods, let time pass, and look at what came of them.
 */
export class FakeCluster {
  readonly clock = new FakeClock();
  kubelet: Kubelet;
  /** `verb resource namespace/name[/subresource]`, in order. */
  readonly requests: string[] = [];
  /** Every body patched into a status. */
  readonly patches: object[] = [];
  readonly #objects = new Map<string, KubeObject>();
  readonly #handlers = new Map<string, InformerHandler<KubeObject>[]>();
  #revision = 0;
  #uid = 0;
  readonly #stop = new AbortController();

  readonly #options: FakeClusterOptions;

  constructor(options: FakeClusterOptions = {}) {
    this.#options = options;
    this.kubelet = this.#newKubelet();
  }

  #newKubelet(): Kubelet {
    const { clock } = this;
    const flags = { ...defaultFlags(), nodes: 1, ...this.#options.flags };
    const random = seededRandom(1);
    const simulation = createSimulation({ clock, random, speed: flags.speed, stages: this.#options.stages ?? [] });
    return new Kubelet({
      client: this.client(),
      informers: this.#informers(),
      nodes: planNodes(flags, 10250, simulation.runtime.version),
      clock,
      random,
      logger: silentLogger(),
      speed: flags.speed,
      ...simulation,
    });
  }

  async start(): Promise<this> {
    const started = this.kubelet.start(this.#stop.signal);
    await this.clock.run(0);
    await started;
    return this;
  }

  /** Another kubelet process takes over from the one that stopped. */
  async restart(): Promise<void> {
    await this.kubelet.stop();
    this.#handlers.clear();
    this.kubelet = this.#newKubelet();
    await this.start();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.kubelet.stop();
  }

  /** A pod bound to node-1 unless its spec says otherwise; one container `main` unless it names its own. */
  createPod(
    name: string,
    spec: Partial<PodSpec> & { container?: Partial<Container> } = {},
    metadata: Partial<ObjectMeta> = {},
  ): Pod {
    const { container, ...rest } = spec;
    const containers = rest.containers ?? [
      { name: 'main', image: 'nginx', imagePullPolicy: 'IfNotPresent', ...container },
    ];
    return this.put(pods, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { namespace: 'default', generation: 1, ...metadata, name, uid: `uid-${++this.#uid}` },
      spec: { restartPolicy: 'Always', nodeName: 'node-1', terminationGracePeriodSeconds: 30, ...rest, containers },
      status: { phase: 'Pending', qosClass: 'BestEffort' },
    });
  }

  createConfigMap(name: string, data: Record<string, string>): ConfigMap {
    return this.put(configmaps, {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { namespace: 'default', name },
      data,
    });
  }

  createSecret(name: string, data: Record<string, string>): Secret {
    const encoded = Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString('base64')]);
    return this.put(secrets, {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { namespace: 'default', name },
      data: Object.fromEntries(encoded),
    });
  }

  pod(name: string): Pod {
    return this.read(pods, name, 'default');
  }

  podExists(name: string): boolean {
    return this.#objects.has(`pods/default/${name}`);
  }

  node(name = 'node-1'): Node {
    return this.read(nodes, name, '');
  }

  /** Marks the pod for deletion as `kubectl delete` does. */
  deletePod(name: string, graceSeconds = 30): void {
    const pod = this.pod(name);
    const deletionTimestamp = new Date(this.clock.now().getTime() + graceSeconds * 1000).toISOString();
    this.put(pods, {
      ...pod,
      metadata: { ...pod.metadata, deletionTimestamp, deletionGracePeriodSeconds: graceSeconds },
    });
  }

  annotate(name: string, annotations: Record<string, string>): void {
    const pod = this.pod(name);
    this.put(pods, {
      ...pod,
      metadata: { ...pod.metadata, annotations: { ...pod.metadata.annotations, ...annotations } },
    });
  }

  /** `reason: message` of every event about the object, oldest first. */
  events(name: string): string[] {
    return [...this.#objects.entries()]
      .filter(([key]) => key.startsWith('events/'))
      .map(([, event]) => event as Event)
      .filter(({ involvedObject }) => involvedObject.name === name)
      .map(({ reason, message }) => `${reason}: ${message}`);
  }

  /** How the first container shows in `kubectl get pods`: phase, or the reason why it waits. */
  state(name: string): string {
    const status = this.pod(name).status!;
    const all = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])];
    const waiting = all.find(
      ({ state }) => state?.waiting && !['ContainerCreating', 'PodInitializing'].includes(state.waiting.reason ?? ''),
    );
    return waiting?.state?.waiting?.reason ?? status.reason ?? status.phase ?? '';
  }

  ready(name: string): boolean {
    return (
      this.pod(name).status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false
    );
  }

  read<T extends KubeObject>(ref: ResourceRef<T>, name: string, namespace: string): T {
    const object = this.#objects.get(`${ref.resource}/${objectKey({ metadata: { namespace, name } })}`);
    if (!object) throw notFound(ref, name);
    return object as T;
  }

  put<T extends KubeObject>(ref: ResourceRef<T>, object: T): T {
    const key = `${ref.resource}/${objectKey(object)}`;
    const before = this.#objects.get(key);
    const stored = {
      ...object,
      metadata: { uid: `uid-${key}`, ...object.metadata, resourceVersion: String(++this.#revision) },
    };
    this.#objects.set(key, stored);
    for (const handler of this.#handlers.get(ref.resource) ?? []) {
      if (before) handler.onUpdate?.(before, stored);
      else handler.onAdd?.(stored, false);
    }
    return stored as T;
  }

  remove<T extends KubeObject>(ref: ResourceRef<T>, name: string, namespace: string): void {
    const object = this.read(ref, name, namespace);
    this.#objects.delete(`${ref.resource}/${objectKey(object)}`);
    for (const handler of this.#handlers.get(ref.resource) ?? []) handler.onDelete?.(object);
  }

  client(): KubeClient {
    return { clock: this.clock, resource: (ref: ResourceRef) => this.#resource(ref) } as unknown as KubeClient;
  }

  #resource(ref: ResourceRef): object {
    const log = (verb: string, name: string, namespace = '', subresource = ''): void => {
      if (ref.resource === events.resource) return;
      this.requests.push(
        [`${verb} ${ref.resource} ${objectKey({ metadata: { namespace, name } })}`, subresource]
          .filter(Boolean)
          .join('/'),
      );
    };
    return {
      get: async (name: string, { namespace = '' } = {}) => {
        log('get', name, namespace);
        return this.read(ref, name, namespace);
      },
      create: async (object: KubeObject) => {
        const { name = '', namespace } = object.metadata ?? {};
        log('create', name, namespace);
        if (this.#objects.has(`${ref.resource}/${objectKey(object)}`)) throw alreadyExists(ref, name);
        return this.put(ref, object);
      },
      createSubresource: async (name: string, subresource: string, _: object, { namespace = '' } = {}) => {
        log('create', name, namespace, subresource);
        return { status: { token: `token-${++this.#revision}` } };
      },
      update: async (object: KubeObject) => {
        log('update', object.metadata?.name ?? '', object.metadata?.namespace);
        this.read(ref, object.metadata?.name ?? '', object.metadata?.namespace ?? '');
        return this.put(ref, object);
      },
      patch: async (name: string, { body }: Patch, { namespace = '', subresource = '' } = {}) => {
        log('patch', name, namespace, subresource);
        const before = this.read(ref, name, namespace);
        const patch = body as { metadata?: { uid?: string } };
        if (patch.metadata?.uid && patch.metadata.uid !== before.metadata?.uid) throw conflict(ref, name, 'uid');
        if (subresource) this.patches.push(patch);
        const kind = SCHEMAS[ref.resource];
        const merged = kind
          ? applyStrategicMergePatch(
              messageSchema(`k8s.io.api.core.v1.${kind}`),
              before,
              patch as Record<string, unknown>,
            )
          : { ...before, ...patch };
        return this.put(ref, merged);
      },
      delete: async (name: string, { namespace = '', preconditions = {} as { uid?: string } } = {}) => {
        log('delete', name, namespace);
        if (preconditions.uid && this.read(ref, name, namespace).metadata?.uid !== preconditions.uid)
          throw conflict(ref, name, 'uid');
        this.remove(ref, name, namespace);
      },
    };
  }

  #informers(): InformerFactory {
    const factory = {
      for: (ref: ResourceRef) => ({
        addHandler: (handler: InformerHandler<KubeObject>) => {
          this.#handlers.set(ref.resource, [...(this.#handlers.get(ref.resource) ?? []), handler]);
          for (const [key, object] of this.#objects)
            if (key.startsWith(`${ref.resource}/`)) handler.onAdd?.(object, true);
        },
      }),
      start: () => undefined,
      waitForSync: async () => undefined,
    };
    return factory as unknown as InformerFactory;
  }
}

export function defaultFlags(): KubeletFlags {
  const entries = Object.entries(FLAGS).map(([name, { default: value }]) => [
    name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase()),
    value,
  ]);
  return Object.fromEntries(entries) as KubeletFlags;
}
