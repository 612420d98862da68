import { leases, nodes } from '@pilothouse/api';
import type { Lease, Node } from '@pilothouse/api';
import { deepEqual, isAlreadyExists, isConflict, isNotFound } from '@pilothouse/apimachinery';
import type { EventRecorder, KubeClient } from '@pilothouse/client';
import type { Clock, Logger } from '@pilothouse/component';
import type { HostFacts } from '../pods/field-ref.ts';
import { timestamp } from '../pods/pod-containers.ts';
import type { StoredImage } from '../runtime/image-store.ts';
import { DevicePublisher } from './device-slices.ts';
import { LEASE_NAMESPACE, renewedLease } from './node-lease.ts';
import { newNode, nodeAnnotations, nodeLabels, nodeStatus } from './node-object.ts';
import type { NodeSpec } from './node-object.ts';
import { planNodeStatusPatch } from './node-status-patch.ts';
import type { PodHost } from './pod-host.ts';
import { pressureEvents, pressuresOf } from './pressure.ts';

export interface NodeAgentOptions {
  readonly spec: NodeSpec;
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly recorder: EventRecorder;
  readonly images: () => readonly StoredImage[];
  /** What its pods mount is not what was reported. */
  readonly onVolumesUsed?: () => void;
  /** Its status says something else of volumes than before. */
  readonly onVolumesReported?: () => void;
}

/** One node towards the apiserver: its registration, its Lease and its status. The fleet decides when. */
export class NodeAgent implements PodHost {
  readonly nodeName: string;
  readonly recorder: EventRecorder;
  readonly client: KubeClient;
  readonly #options: NodeAgentOptions;
  #node: Node;
  #lease: Lease | undefined;
  #reportedAtMs = -Infinity;
  #facts: HostFacts | undefined;
  readonly #devices: DevicePublisher;
  /** By pod, the attachable volumes it mounts. */
  readonly #volumesOfPods = new Map<string, readonly string[]>();

  constructor(options: NodeAgentOptions) {
    const { spec, client, clock, recorder } = options;
    this.#options = options;
    this.nodeName = spec.name;
    this.recorder = recorder;
    this.client = client;
    this.#node = newNode(spec, timestamp(clock.now()));
    this.#devices = new DevicePublisher(client, spec.devices);
  }

  get spec(): NodeSpec {
    return this.#options.spec;
  }

  node(): Node {
    return this.#node;
  }

  facts(): HostFacts {
    this.#facts ??= {
      nodeName: this.nodeName,
      hostIPs: this.spec.addresses,
      allocatable: this.#node.status?.allocatable ?? {},
    };
    return this.#facts;
  }

  /** A newer version than the one we hold, from the informer. */
  observe(node: Node): void {
    const before = this.#node.status;
    this.#node = node;
    this.#facts = undefined;
    const { volumesAttached, volumesInUse } = node.status ?? {};
    if (!deepEqual(before?.volumesAttached, volumesAttached) || !deepEqual(before?.volumesInUse, volumesInUse))
      this.#options.onVolumesReported?.();
  }

  useVolumes(podUid: string, ids: readonly string[]): void {
    if (deepEqual(this.#volumesOfPods.get(podUid) ?? [], ids)) return;
    if (ids.length > 0) this.#volumesOfPods.set(podUid, ids);
    else this.#volumesOfPods.delete(podUid);
    this.#options.onVolumesUsed?.();
  }

  /** Creates the Node, or takes over the one that is there: its labels and annotations are completed, the rest of it stays. */
  async register(): Promise<void> {
    const { client, clock, spec } = this.#options;
    const resource = client.resource(nodes);
    const now = timestamp(clock.now());
    try {
      this.observe(await resource.create(newNode(spec, now)));
      this.#reportedAtMs = clock.monotonicMs();
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
      const existing = await resource.get(this.nodeName);
      this.observe(existing);
      const labels = missingFrom(existing.metadata.labels, nodeLabels(spec));
      const annotations = missingFrom(existing.metadata.annotations, nodeAnnotations());
      if (labels ?? annotations) {
        const metadata = { ...(labels ? { labels } : {}), ...(annotations ? { annotations } : {}) };
        this.observe(await resource.patch(this.nodeName, { type: 'strategic', body: { metadata } }));
      }
      await this.reportStatus({ force: true });
    }
    this.#recordStart();
    await this.#devices.publish(this.#node);
  }

  publishDevices(): Promise<void> {
    return this.#devices.publish(this.#node);
  }

  /** Renews the heartbeat. A conflict means that our copy was old: the next try starts from the stored one. */
  async renewLease(): Promise<void> {
    const { client, clock } = this.#options;
    const resource = client.resource(leases);
    const namespace = LEASE_NAMESPACE;
    try {
      const next = renewedLease(this.#node, this.#lease, clock.now());
      this.#lease = this.#lease
        ? await resource.update(next, { namespace })
        : await resource.create(next, { namespace });
    } catch (error) {
      if (isNotFound(error)) this.#lease = undefined;
      if (!isConflict(error) && !isAlreadyExists(error)) throw error;
      const stored = await resource.get(this.nodeName, { namespace });
      this.#lease = await resource.update(renewedLease(this.#node, stored, clock.now()), { namespace });
    }
  }

  async reportStatus({ force = false } = {}): Promise<void> {
    const { client, clock, spec, images } = this.#options;
    const nowMs = clock.monotonicMs();
    const before = this.#node.status;
    const volumesInUse = [...new Set([...this.#volumesOfPods.values()].flat())].sort();
    const next = {
      ...nodeStatus(spec, before, images(), pressuresOf(this.#node), timestamp(clock.now())),
      ...(volumesInUse.length > 0 || before?.volumesInUse ? { volumesInUse } : {}),
    };
    const patch = planNodeStatusPatch(this.#node, next, force ? Infinity : nowMs - this.#reportedAtMs);
    if (!patch) return;
    const wasReady = isReady(this.#node);
    this.observe(
      await client.resource(nodes).patch(this.nodeName, { type: 'strategic', body: patch }, { subresource: 'status' }),
    );
    this.#reportedAtMs = nowMs;
    for (const reason of pressureEvents(before?.conditions, next.conditions)) this.#recordCondition(reason);
    if (!wasReady) this.#recordCondition('NodeReady');
  }

  #recordStart(): void {
    this.recorder.event(this.#reference(), 'Normal', 'Starting', 'Starting kubelet.');
    for (const reason of ['NodeHasSufficientMemory', 'NodeHasNoDiskPressure', 'NodeHasSufficientPID', 'NodeReady'])
      this.#recordCondition(reason);
  }

  #recordCondition(reason: string): void {
    this.recorder.event(this.#reference(), 'Normal', reason, `Node ${this.nodeName} status is now: ${reason}`);
  }

  /** Upstream's node events name the node as their uid, which is how `kubectl describe node` finds them. */
  #reference(): Node {
    return { apiVersion: 'v1', kind: 'Node', metadata: { name: this.nodeName, uid: this.nodeName }, spec: {} };
  }
}

function isReady(node: Node): boolean {
  return node.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false;
}

/** The entries that are not there as they should be; undefined when all are. */
function missingFrom(
  existing: Readonly<Record<string, string>> | undefined,
  wanted: Readonly<Record<string, string>>,
): Record<string, string> | undefined {
  const missing = Object.entries(wanted).filter(([key, value]) => existing?.[key] !== value);
  return missing.length > 0 ? Object.fromEntries(missing) : undefined;
}
