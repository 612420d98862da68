import { pods } from '@pilothouse/api';
import type { Pod, PodStatus } from '@pilothouse/api';
import { isConflict, isNotFound } from '@pilothouse/apimachinery';
import type { Clock } from '@pilothouse/component';
import type { ContainerRuntime } from '../runtime/container-runtime.ts';
import type { PodHost } from '../node/pod-host.ts';
import { admitPod } from './admission.ts';
import { allocatedPod, allocationOf, restoredAllocation } from './allocation.ts';
import type { Allocation } from './allocation.ts';
import type { ObjectLookup } from './object-lookup.ts';
import type { PodAttachments } from './pod-attachments.ts';
import type { PodAction } from './plan-container-start.ts';
import { planPod } from './plan-pod.ts';
import { timestamp } from './pod-containers.ts';
import { fieldPathOf } from './field-path.ts';
import { newPodMemory } from './pod-memory.ts';
import type { PodMemory, PodVerdict } from './pod-memory.ts';
import { podRequests } from './pod-requests.ts';
import type { Requests } from './pod-requests.ts';
import { nextPodStatus } from './pod-status.ts';
import type { PodTokens } from './pod-tokens.ts';
import { planStatusPatch } from './status-patch.ts';

export interface PodWorkerOptions {
  readonly clock: Clock;
  readonly runtime: ContainerRuntime;
  readonly host: PodHost;
  readonly lookup: ObjectLookup;
  readonly tokens: PodTokens;
  readonly attachments: PodAttachments;
  readonly serviceEnvOf: (pod: Pod) => Readonly<Record<string, string>>;
  readonly speed: number;
  /** What the other pods on the node take, asked at admission. */
  readonly others: () => readonly Requests[];
  /** Those pods, whose ports are taken. */
  readonly otherPods: () => readonly Pod[];
}

const SAME_PATCH_PAUSE_MS = 10_000;

/** The shell around the plans for one pod: it observes, applies what was planned, and writes the status. */
export class PodWorker {
  readonly uid: string;
  #pod: Pod;
  #memory: PodMemory;
  #requests: { readonly of: Allocation | undefined; readonly amounts: Requests } | undefined;
  /** The status last written, until the informer has delivered it. */
  #written: { resourceVersion: number; status: PodStatus } | undefined;
  #lastPatch: { text: string; atMs: number } | undefined;
  #deleted = false;
  readonly #options: PodWorkerOptions;

  constructor(pod: Pod, options: PodWorkerOptions) {
    const { clock, runtime } = options;
    this.uid = pod.metadata.uid ?? '';
    this.#pod = pod;
    this.#options = options;
    this.#memory = newPodMemory(pod.status?.startTime ?? timestamp(clock.now()));
    if (isTerminal(pod.status)) this.#memory = { ...this.#memory, finished: true };
    else if (runtime.restore(pod)) this.#rememberRestored();
    else this.#admit();
  }

  get pod(): Pod {
    return this.#pod;
  }

  /** As last written, which the informer may not have delivered yet. */
  get status(): PodStatus {
    return this.#written?.status ?? this.#pod.status ?? {};
  }

  get host(): PodHost {
    return this.#options.host;
  }

  /** Whether the pod holds its share of the node. */
  get active(): boolean {
    return !this.#memory.finished && this.#memory.verdict === undefined;
  }

  /** What the pod was granted of its node. */
  get requests(): Requests {
    const { allocation } = this.#memory;
    if (!this.#requests || this.#requests.of !== allocation)
      this.#requests = { of: allocation, amounts: podRequests(allocatedPod(this.#pod, allocation)) };
    return this.#requests.amounts;
  }

  /** Whether it waits for room to grow. */
  get isDeferred(): boolean {
    return this.active && this.#memory.allocation?.pending?.reason === 'Deferred';
  }

  /** Whether it waits for its node to say that its volumes are there. */
  get awaitsVolumes(): boolean {
    return this.#memory.attachDeadlineMs !== undefined;
  }

  /** The pod is gone. */
  release(): void {
    this.#options.attachments.release();
  }

  evict(verdict: PodVerdict): void {
    this.#memory = { ...this.#memory, verdict, evicted: true };
    this.#options.host.recorder.event(this.#pod, 'Warning', verdict.reason, verdict.message);
  }

  update(pod: Pod): void {
    this.#pod = pod;
    if (this.#written && Number(pod.metadata.resourceVersion) >= this.#written.resourceVersion)
      this.#written = undefined;
    this.#options.runtime.updatePod(pod);
  }

  /** For whoever is about to look into the pod's containers: resolves when their files are all there. */
  showFiles(): Promise<void> {
    return this.#options.tokens.demand();
  }

  /** What it knows and remembers, for `/debug/pods`. */
  explain(): object {
    const { namespace, name, resourceVersion } = this.#pod.metadata;
    const state = this.#options.runtime.state(this.uid);
    const containers = [...(state?.containers.values() ?? [])].map(({ name: container, state: is, attempt }) => ({
      container,
      is,
      attempt,
    }));
    return {
      pod: `${namespace}/${name}`,
      node: this.host.nodeName,
      resourceVersion,
      sandbox: state?.sandbox?.state,
      containers,
      memory: this.#memory,
    };
  }

  /** Looks, decides and acts. Says when to look again and whether something is to be written. */
  sync(): { wakeAtMs?: number; dirty: boolean } {
    const { runtime, host, lookup, tokens, attachments, serviceEnvOf, clock, speed } = this.#options;
    const plan = planPod(
      {
        pod: this.#pod,
        runtime: runtime.state(this.uid),
        host: host.facts(),
        lookup,
        tokens: tokens.lookup,
        unattached: () => attachments.unattached(),
        serviceEnv: () => serviceEnvOf(this.#pod),
        room: () => ({ allocatable: host.facts().allocatable, others: this.#othersRequests() }),
        imagePresent: (image) => runtime.hasImage(host.nodeName, image),
        now: clock.now(),
        nowMs: clock.monotonicMs(),
        speed,
      },
      this.#memory,
    );
    this.#memory = plan.memory;
    if (this.#memory.finished) attachments.release();
    for (const action of plan.actions) this.#apply(action);
    const patch = this.#planPatch();
    const dirty = (patch !== undefined && !this.#repeats(patch)) || this.#shouldDelete();
    return { dirty, ...(plan.wakeAtMs === undefined ? {} : { wakeAtMs: plan.wakeAtMs }) };
  }

  /** Brings the API up to date: the status, then, once the pod is over and was asked to go, its deletion. */
  async write(): Promise<void> {
    const resource = this.#options.host.client.resource(pods);
    const { name = '', namespace = '' } = this.#pod.metadata;
    try {
      const patch = this.#planPatch();
      if (patch) {
        this.#lastPatch = { text: JSON.stringify(patch), atMs: this.#options.clock.monotonicMs() };
        const written = await resource.patch(
          name,
          { type: 'strategic', body: patch },
          { namespace, subresource: 'status' },
        );
        this.#written = { resourceVersion: Number(written.metadata.resourceVersion), status: written.status ?? {} };
      }
      // What ended during the write above is still to be told: whoever holds the pod by a finalizer waits for it.
      const left = this.#shouldDelete() ? this.#planPatch() : undefined;
      if (this.#shouldDelete() && (left === undefined || this.#repeats(left))) {
        await resource.delete(name, { namespace, gracePeriodSeconds: 0, preconditions: { uid: this.uid } });
        this.#deleted = true;
      }
    } catch (error) {
      // The pod is gone, or one of the same name stands in its place: the informer will say so.
      if (!isNotFound(error) && !isConflict(error)) throw error;
      if (isNotFound(error)) this.#deleted = true;
    }
  }

  #planPatch(): object | undefined {
    // A pod that was over before this process started is left as it is.
    if (
      this.#deleted ||
      (this.#memory.finished && isTerminal(this.#pod.status) && !this.#options.runtime.state(this.uid))
    )
      return undefined;
    const { runtime, host, clock } = this.#options;
    const before = this.status;
    const pod = { ...allocatedPod(this.#pod, this.#memory.allocation), status: before };
    const next = nextPodStatus(pod, runtime.state(this.uid), this.#memory, {
      hostIPs: host.facts().hostIPs,
      now: clock.now(),
    });
    return planStatusPatch(pod, before, next);
  }

  /** A server that does not keep what we write must not be asked without end. */
  #repeats(patch: object): boolean {
    const { clock } = this.#options;
    return (
      this.#lastPatch !== undefined &&
      clock.monotonicMs() - this.#lastPatch.atMs < SAME_PATCH_PAUSE_MS &&
      this.#lastPatch.text === JSON.stringify(patch)
    );
  }

  #shouldDelete(): boolean {
    return this.#memory.finished && this.#pod.metadata.deletionTimestamp !== undefined && !this.#deleted;
  }

  #othersRequests(): Requests[] {
    return this.#options.others().filter((requests) => requests !== this.requests);
  }

  #admit(): void {
    const { host, others, otherPods } = this.#options;
    const verdict = admitPod(this.#pod, host.node(), others(), otherPods());
    if (!verdict) {
      this.#memory = { ...this.#memory, allocation: allocationOf(this.#pod) };
      return;
    }
    this.#memory = { ...this.#memory, verdict };
    host.recorder.event(this.#pod, 'Warning', verdict.reason, verdict.message.replace(/^Pod was rejected: /, ''));
  }

  /** Events told of these containers in an earlier life. */
  #rememberRestored(): void {
    const containers = [...(this.#options.runtime.state(this.uid)?.containers.values() ?? [])];
    const known = containers.map(
      ({ name, id, attempt }) => [name, { startedId: id, ...(attempt > 0 ? { backOffId: id } : {}) }] as const,
    );
    this.#memory = {
      ...this.#memory,
      containers: Object.fromEntries(known),
      allocation: restoredAllocation(this.#pod),
    };
  }

  #apply(action: PodAction): void {
    const { runtime, host } = this.#options;
    switch (action.type) {
      case 'createSandbox':
        return runtime.createSandbox(this.#pod);
      case 'stopSandbox':
        return runtime.stopSandbox(this.uid);
      case 'pullImage':
        return runtime.pullImage(this.#pod, action.target.container, action.target.kind);
      case 'setVolumes':
        return runtime.setVolumes(this.#pod, action.volumes);
      case 'startContainer':
        return runtime.startContainer({ pod: this.#pod, ...action.target, env: action.env, files: action.files });
      case 'resizeContainer':
        return runtime.resizeContainer(this.uid, action.name, action.resources);
      case 'stopContainer':
        return runtime.stopContainer(this.uid, action.name, action.gracePeriodMs);
      case 'event':
        return host.recorder.event(this.#pod, action.eventType, action.reason, action.message, {
          ...(action.target ? { fieldPath: fieldPathOf(action.target) } : {}),
        });
    }
  }
}

export function isTerminal(status: PodStatus | undefined): boolean {
  return status?.phase === 'Succeeded' || status?.phase === 'Failed';
}
