import type { Pod } from '@pilothouse/api';
import type { KubeClient, SharedInformer } from '@pilothouse/client';
import { noTracer } from '@pilothouse/component';
import type { Clock, Logger, SpanAttributes, Tracer } from '@pilothouse/component';
import type { PodHost } from '../node/pod-host.ts';
import type { ContainerRuntime } from '../runtime/container-runtime.ts';
import { TimerHeap } from '../timers/timer-heap.ts';
import { containersOf } from './pod-containers.ts';
import { fieldPathOf } from './field-path.ts';
import { DriverDirectory } from './driver-directory.ts';
import { PodAttachments } from './pod-attachments.ts';
import { PodWorker } from './pod-worker.ts';
import { PodTokens } from './pod-tokens.ts';
import { ReferenceCache } from './reference-cache.ts';
import { ServiceDirectory } from './service-directory.ts';
import { WriteQueue } from './write-queue.ts';
import type { PodVerdict } from './pod-memory.ts';

export interface PodManagerOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly runtime: ContainerRuntime;
  /** The node by that name, if this process plays it. */
  readonly hostOf: (nodeName: string) => PodHost | undefined;
  readonly speed: number;
  readonly tracer?: Tracer;
  /** How many status writes and deletions are under way at once, over one connection. */
  readonly concurrency?: number;
}

/** All pods of all nodes of this process: a worker for each, woken by the API, the runtime and the clock. */
export class PodManager {
  readonly #options: PodManagerOptions;
  readonly #workers = new Map<string, PodWorker>();
  readonly #byNode = new Map<string, Set<PodWorker>>();
  readonly #timers: TimerHeap;
  readonly #tracer: Tracer;
  readonly #references: ReferenceCache;
  readonly services = new ServiceDirectory();
  readonly drivers = new DriverDirectory();
  readonly #writes: WriteQueue;
  /** By node, the pods whose resize waits for room. */
  readonly #deferred = new Map<string, Set<string>>();
  readonly #touched = new Set<string>();
  #draining = false;

  constructor(options: PodManagerOptions) {
    const { client, clock, logger, runtime, concurrency = 64 } = options;
    this.#options = options;
    this.#timers = new TimerHeap(clock);
    this.#tracer = options.tracer ?? noTracer;
    this.#references = new ReferenceCache(client, clock, (uid) => this.#touch(uid));
    this.#writes = new WriteQueue({
      write: (uid) => this.#write(uid),
      clock,
      concurrency,
      onError: (uid, error) => {
        const { namespace, name } = this.#workers.get(uid)?.pod.metadata ?? {};
        logger.warn({ pod: `${namespace}/${name}`, err: error }, 'Could not write the status of a pod; trying again');
      },
    });
    runtime.onChange((uid) => this.#touch(uid));
    runtime.onEvent(({ podUid, containerName, type, reason, message }) => {
      const worker = this.#workers.get(podUid);
      const target = worker && containersOf(worker.pod).find(({ container }) => container.name === containerName);
      worker?.host.recorder.event(worker.pod, type, reason, message, target ? { fieldPath: fieldPathOf(target) } : {});
    });
  }

  /** Follows the pods of this process's nodes; others in the informer are passed over. */
  follow(informer: SharedInformer<Pod>): void {
    informer.addHandler({
      onAdd: (pod) => this.#observe(pod),
      onUpdate: (before, after) => {
        if (before.metadata.uid !== after.metadata.uid) this.#forget(before);
        this.#observe(after);
      },
      onDelete: (pod) => this.#forget(pod),
    });
  }

  /** Ends a pod against its own will, and says so. */
  evict(worker: PodWorker, verdict: PodVerdict): void {
    worker.evict(verdict);
    this.#touch(worker.uid);
  }

  /** The node's status says something new of volumes. */
  retryVolumes(nodeName: string): void {
    for (const worker of this.#byNode.get(nodeName) ?? []) if (worker.awaitsVolumes) this.#touch(worker.uid);
  }

  get(uid: string): PodWorker | undefined {
    return this.#workers.get(uid);
  }

  /** Linear in the pods of the process: for requests of people, not for the loop. */
  find(namespace: string, name: string): PodWorker | undefined {
    return this.list().find(({ pod }) => pod.metadata.namespace === namespace && pod.metadata.name === name);
  }

  list(nodeName?: string): readonly PodWorker[] {
    return nodeName === undefined ? [...this.#workers.values()] : [...(this.#byNode.get(nodeName) ?? [])];
  }

  /** Status writes that wait or are under way. */
  get pendingWrites(): number {
    return this.#writes.depth;
  }

  async stop(): Promise<void> {
    this.#timers.stop();
    await this.#writes.stop();
  }

  #observe(pod: Pod): void {
    const uid = pod.metadata.uid ?? '';
    const host = this.#options.hostOf(pod.spec.nodeName ?? '');
    if (!host) return;
    const worker = this.#workers.get(uid);
    if (worker) worker.update(pod);
    else this.#start(pod, host);
    this.#touch(uid);
  }

  #start(pod: Pod, host: PodHost): void {
    const { clock, runtime, speed } = this.#options;
    const siblings = this.#byNode.get(host.nodeName) ?? new Set();
    this.#byNode.set(host.nodeName, siblings);
    const worker = new PodWorker(pod, {
      clock,
      runtime,
      host,
      speed,
      lookup: this.#references.lookupFor(pod.metadata.uid ?? ''),
      tokens: new PodTokens(host.client, clock, pod, () => this.#touch(pod.metadata.uid ?? '')),
      attachments: new PodAttachments({
        host,
        clock,
        pod,
        drivers: this.drivers,
        wake: () => this.#touch(pod.metadata.uid ?? ''),
      }),
      others: () => [...siblings].filter(({ active }) => active).map(({ requests }) => requests),
      serviceEnvOf: (each) => this.services.envFor(each),
      otherPods: () => [...siblings].filter(({ active }) => active).map(({ pod: other }) => other),
    });
    siblings.add(worker);
    this.#workers.set(worker.uid, worker);
  }

  #forget(pod: Pod): void {
    const uid = pod.metadata.uid ?? '';
    const worker = this.#workers.get(uid);
    if (!worker) return;
    worker.release();
    this.#workers.delete(uid);
    this.#byNode.get(worker.host.nodeName)?.delete(worker);
    this.#timers.cancel(uid);
    this.#options.runtime.remove(uid);
    this.#deferred.get(worker.host.nodeName)?.delete(uid);
    this.#retryDeferred(worker.host.nodeName);
  }

  /** Everything that happens to a pod within one turn leads to one look at it. */
  #touch(uid: string): void {
    this.#touched.add(uid);
    if (this.#draining) return;
    this.#draining = true;
    queueMicrotask(() => {
      for (const next of this.#touched) {
        this.#touched.delete(next);
        this.#sync(next);
      }
      this.#draining = false;
    });
  }

  #sync(uid: string): void {
    const worker = this.#workers.get(uid);
    if (!worker) return;
    const { active, requests } = worker;
    const { wakeAtMs, dirty } = this.#tracer.withSpan('syncPod', spanOf(worker), () => worker.sync());
    if (wakeAtMs === undefined) this.#timers.cancel(uid);
    else this.#timers.set(uid, wakeAtMs, () => this.#touch(uid));
    if (dirty) this.#writes.add(uid);
    const { nodeName } = worker.host;
    if ((active && !worker.active) || requests !== worker.requests) this.#retryDeferred(nodeName);
    if (worker.isDeferred) this.#deferred.set(nodeName, (this.#deferred.get(nodeName) ?? new Set()).add(uid));
    else this.#deferred.get(nodeName)?.delete(uid);
  }

  /** A pod of the node left or shrank. */
  #retryDeferred(nodeName: string): void {
    for (const uid of this.#deferred.get(nodeName) ?? []) this.#touch(uid);
  }

  async #write(uid: string): Promise<void> {
    const worker = this.#workers.get(uid);
    if (!worker) return;
    await this.#tracer.withSpan('writePodStatus', spanOf(worker), () => worker.write());
    // What changed meanwhile, or what the write made due: the deletion after the last status.
    this.#touch(uid);
  }
}

function spanOf({ pod: { metadata, spec } }: PodWorker): SpanAttributes {
  return {
    'k8s.namespace.name': metadata.namespace,
    'k8s.pod.name': metadata.name,
    'k8s.node.name': spec.nodeName,
    resourceVersion: metadata.resourceVersion,
  };
}
