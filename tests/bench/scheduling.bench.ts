/**
 * How many pods a second the scheduler places when the apiserver costs nothing: an in-memory cluster around the real
 * scheduler. `npm run bench scheduling`, or `node tests/bench/scheduling.bench.ts [nodes] [pods]`; prints one line per workload.
 */
import { objectKey, type KubeObject } from '@pilothouse/apimachinery';
import type { Node, Pod, ReplicaSet } from '@pilothouse/api';
import type { InformerFactory, InformerHandler, SharedInformer } from '@pilothouse/client';
import { MetricsRegistry, noTracer, seededRandom, silentLogger, systemClock } from '@pilothouse/component';
import { addEventHandlers, buildScheduler, clusterListers, defaultConfiguration } from '@pilothouse/scheduler';

class MemoryInformers {
  readonly #stores = new Map<string, { objects: Map<string, KubeObject>; handlers: InformerHandler<any>[] }>();
  readonly factory = {
    for: (ref: { resource: string }) => {
      const { objects, handlers } = this.#store(ref.resource);
      const lister = { get: (key: string) => objects.get(key), list: () => [...objects.values()], byIndex: () => [] };
      return {
        lister,
        addHandler: (handler: InformerHandler<any>) => handlers.push(handler),
        addIndex: () => undefined,
        hasSynced: true,
      } as unknown as SharedInformer<any>;
    },
  } as unknown as InformerFactory;

  set(resource: string, object: KubeObject): void {
    const { objects, handlers } = this.#store(resource);
    const before = objects.get(objectKey(object));
    objects.set(objectKey(object), object);
    for (const handler of handlers) {
      if (before) handler.onUpdate?.(before, object);
      else handler.onAdd?.(object, false);
    }
  }

  get(resource: string, key: string): KubeObject | undefined {
    return this.#store(resource).objects.get(key);
  }

  #store(resource: string) {
    let store = this.#stores.get(resource);
    if (!store) this.#stores.set(resource, (store = { objects: new Map(), handlers: [] }));
    return store;
  }
}

interface Workload {
  readonly name: string;
  readonly spec: Partial<Pod['spec']>;
  readonly owned?: boolean;
}

const hostnameSpread = { topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: { app: 'web' } } };
const WORKLOADS: readonly Workload[] = [
  { name: 'plain', spec: {} },
  { name: 'of a ReplicaSet (default spreading)', spec: {}, owned: true },
  {
    name: 'spread by zone, DoNotSchedule',
    spec: {
      topologySpreadConstraints: [
        {
          ...hostnameSpread,
          topologyKey: 'topology.kubernetes.io/zone',
          maxSkew: 1,
          whenUnsatisfiable: 'DoNotSchedule',
        },
      ],
    },
  },
  {
    name: 'preferred anti-affinity',
    spec: {
      affinity: {
        podAntiAffinity: {
          preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 100, podAffinityTerm: hostnameSpread }],
        },
      },
    },
  },
];

async function run({ name, spec, owned }: Workload, nodeCount: number, podCount: number): Promise<void> {
  const informers = new MemoryInformers();
  const listers = clusterListers(informers.factory);
  let bound = 0;
  const { promise: done, resolve } = Promise.withResolvers<void>();
  const api = {
    async bindPod({ metadata, target }: { metadata: Pod['metadata']; target: { name?: string } }) {
      const pod = informers.get('pods', objectKey({ metadata })) as Pod;
      setImmediate(() =>
        informers.set('pods', {
          ...pod,
          metadata: { ...pod.metadata, resourceVersion: '2' },
          spec: { ...pod.spec, nodeName: target.name! },
        } as Pod),
      );
      if (++bound === podCount) resolve();
    },
    patchPodStatus: async () => undefined,
    deletePod: async () => undefined,
    updatePersistentVolume: async <T>(object: T) => object,
    updatePersistentVolumeClaim: async <T>(object: T) => object,
    getResourceClaim: async <T>(object: T) => object,
    updateResourceClaim: async <T>(object: T) => object,
    updateResourceClaimStatus: async <T>(object: T) => object,
  };
  const built = buildScheduler({
    configuration: defaultConfiguration(),
    listers,
    api,
    recorderOf: () => ({ event: () => undefined, flush: async () => undefined }),
    clock: systemClock(),
    random: seededRandom(1),
    logger: silentLogger(),
    tracer: noTracer,
    metrics: new MetricsRegistry(),
  });
  addEventHandlers(informers.factory, built);
  for (let i = 0; i < nodeCount; i++) informers.set('nodes', newNode(i, podCount, nodeCount));
  if (owned) informers.set('replicasets', newReplicaSet());
  for (let i = 0; i < podCount; i++) informers.set('pods', newPod(i, spec, owned ?? false));

  const stop = new AbortController();
  const startMs = performance.now();
  const running = built.scheduler.run(stop.signal);
  await done;
  const seconds = (performance.now() - startMs) / 1000;
  stop.abort();
  await running;
  console.log(
    `${String(nodeCount).padStart(5)} nodes  ${String(podCount).padStart(6)} pods  ${Math.round(podCount / seconds)
      .toString()
      .padStart(6)} pods/s  ${name}`,
  );
}

function newNode(i: number, pods: number, nodes: number): Node {
  const name = `node-${i}`;
  const labels = { 'kubernetes.io/hostname': name, 'topology.kubernetes.io/zone': `zone-${i % 3}` };
  const allocatable = { cpu: '1000', memory: '4000Gi', pods: String(Math.ceil((2 * pods) / nodes) + 10) };
  return { apiVersion: 'v1', kind: 'Node', metadata: { name, uid: name, labels }, spec: {}, status: { allocatable } };
}

function newReplicaSet(): ReplicaSet {
  const selector = { matchLabels: { app: 'web' } };
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: { name: 'web', namespace: 'default', uid: 'rs' },
    spec: { selector },
  } as ReplicaSet;
}

function newPod(i: number, spec: Partial<Pod['spec']>, owned: boolean): Pod {
  const name = `web-${i}`;
  const ownerReferences = [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web', uid: 'rs', controller: true }];
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: 'default',
      uid: name,
      resourceVersion: '1',
      labels: { app: 'web' },
      ...(owned ? { ownerReferences } : {}),
    },
    spec: {
      schedulerName: 'default-scheduler',
      containers: [{ name: 'main', image: 'nginx', resources: { requests: { cpu: '10m', memory: '16Mi' } } }],
      ...spec,
    },
    status: { phase: 'Pending' },
  };
}

const [nodes, pods] = process.argv.slice(2).map(Number);
for (const workload of WORKLOADS) {
  for (const nodeCount of nodes ? [nodes] : [3, 100, 1000]) await run(workload, nodeCount, pods ?? 3000);
}
process.exit(0);
