import { deepEqual, isAlreadyExists, isNotFound } from '@pilothouse/apimachinery';
import {
  type CSIDriver,
  csidrivers,
  type Node,
  nodes,
  type PersistentVolume,
  type PersistentVolumeClaim,
  persistentvolumeclaims,
  persistentvolumes,
  type Pod,
  pods,
  type VolumeAttachment,
  volumeattachments,
} from '@pilothouse/api';
import type { EventRecorder, SharedInformer } from '@pilothouse/client';
import { type Controller, createWorkQueue, type ReconcileResult, type WorkQueue } from '@pilothouse/controller';
import type { ControllerContext } from '../../controller-context.ts';
import {
  type AttachableVolume,
  attachableVolume,
  claimKeysOf,
  isBoundTo,
  isDoneWithVolumes,
} from './attachable-volume.ts';
import {
  ATTACH_TIMEOUT_MS,
  attachFailed,
  attachProblem,
  attachSucceeded,
  multiAttachError,
} from './attach-messages.ts';
import { type NodePlan, planNodeVolumes, type WantedVolume } from './plan.ts';

const BY_NODE = 'volume-node';
const BY_CLAIM = 'volume-claim';
const BY_VOLUME = 'volume';
const MANAGED_ANNOTATION = 'volumes.kubernetes.io/controller-managed-attach-detach';

/**
 * Has CSI volumes attached to the nodes whose pods use them, and detached again. Keys are names of nodes; what is
 * attached is read from VolumeAttachments, so a restart forgets nothing. Mirrors pkg/controller/volume/attachdetach.
 */
export class AttachDetachController implements Controller {
  readonly name = 'persistentvolume-attach-detach-controller';
  readonly workers = 4;
  readonly queue: WorkQueue<string>;
  private readonly context: ControllerContext;
  private readonly recorder: EventRecorder;
  private readonly pods: SharedInformer<Pod>;
  private readonly nodes: SharedInformer<Node>;
  private readonly claims: SharedInformer<PersistentVolumeClaim>;
  private readonly volumes: SharedInformer<PersistentVolume>;
  private readonly drivers: SharedInformer<CSIDriver>;
  private readonly attachments: SharedInformer<VolumeAttachment>;
  /** Attachment → since when nobody wants it. */
  private readonly unwantedSinceMs = new Map<string, number>();
  /** What events have told already: attachment or pod and volume → what. */
  private readonly told = new Map<string, string>();

  constructor(context: ControllerContext) {
    this.context = context;
    this.queue = createWorkQueue({ name: this.name, clock: context.clock, metrics: context.metrics });
    this.recorder = context.recorder('attachdetach-controller');
    this.pods = context.informers.for(pods);
    this.nodes = context.informers.for(nodes);
    this.claims = context.informers.for(persistentvolumeclaims);
    this.volumes = context.informers.for(persistentvolumes);
    this.drivers = context.informers.for(csidrivers);
    this.attachments = context.informers.for(volumeattachments);
    this.pods.addIndex(BY_CLAIM, (pod) => (pod.spec.nodeName ? claimKeysOf(pod) : []));
    this.pods.addIndex(BY_NODE, (pod) => (claimKeysOf(pod).length > 0 ? [pod.spec.nodeName ?? ''] : []));
    this.attachments.addIndex(BY_NODE, ({ spec }) => [spec.nodeName]);
    this.attachments.addIndex(BY_VOLUME, ({ spec }) => [spec.source.persistentVolumeName ?? '']);
    this.follow();
  }

  async reconcile(name: string): Promise<ReconcileResult> {
    const node = this.nodes.lister.get(name);
    if (node && node.metadata.annotations?.[MANAGED_ANNOTATION] !== 'true') return;
    const wanted = this.wantedOn(name);
    const here = this.attachments.lister.byIndex(BY_NODE, name);
    if (wanted.length + here.length === 0 && !node?.status?.volumesAttached?.length) return;
    const { clock } = this.context;
    const nowMs = clock.monotonicMs();
    const elsewhere = wanted.flatMap((each) => this.attachmentsOf(each));
    const plan = planNodeVolumes({
      name,
      node,
      wanted,
      attachments: [...new Set([...here, ...elsewhere])],
      idOf: (attachment) => this.volumeOf(attachment)?.id,
      unwantedSinceMs: this.unwantedSinceMs,
      nowMs,
    });
    this.rememberUnwanted(here, plan, nowMs);
    if (node) await this.report(node, plan, wanted);
    for (const attachment of plan.detach) await this.detach(attachment);
    for (const attachment of plan.attach) await this.attach(attachment);
    this.tellBlocked(wanted, plan);
    this.tellAwaited(plan);
    const waits = [
      ...(plan.forceAtMs === undefined ? [] : [plan.forceAtMs - nowMs]),
      ...(plan.awaited.length + plan.attach.length > 0 ? [ATTACH_TIMEOUT_MS] : []),
    ];
    return waits.length > 0 ? { requeueAfterMs: Math.min(...waits) } : undefined;
  }

  private follow(): void {
    const enqueuePod = ({ spec }: Pod): void => {
      if (spec.nodeName && spec.volumes?.some((each) => each.persistentVolumeClaim ?? each.ephemeral))
        this.queue.add(spec.nodeName);
    };
    this.pods.addHandler({
      onAdd: enqueuePod,
      onUpdate: (before, after) => {
        const isNews = before.spec.nodeName !== after.spec.nodeName;
        if (isNews || isDoneWithVolumes(before) !== isDoneWithVolumes(after)) enqueuePod(after);
      },
      onDelete: (pod) => {
        enqueuePod(pod);
        for (const key of this.told.keys()) if (key.startsWith(`${pod.metadata.uid}/`)) this.told.delete(key);
      },
    });
    const enqueueNode = ({ metadata }: Node): void => this.queue.add(metadata.name ?? '');
    this.nodes.addHandler({
      onAdd: enqueueNode,
      onUpdate: (before, after) => {
        if (!deepEqual(concernOf(before), concernOf(after))) enqueueNode(after);
      },
      onDelete: enqueueNode,
    });
    const enqueueUsers = (claimKey: string): void =>
      this.pods.lister.byIndex(BY_CLAIM, claimKey).forEach((pod) => enqueuePod(pod));
    const enqueueClaim = ({ metadata }: PersistentVolumeClaim): void =>
      enqueueUsers(`${metadata.namespace}/${metadata.name}`);
    this.claims.addHandler({ onAdd: enqueueClaim, onUpdate: (_, claim) => enqueueClaim(claim) });
    const enqueueVolume = ({ spec: { csi, claimRef } }: PersistentVolume): void => {
      if (csi && claimRef) enqueueUsers(`${claimRef.namespace}/${claimRef.name}`);
    };
    this.volumes.addHandler({ onAdd: enqueueVolume, onUpdate: (_, volume) => enqueueVolume(volume) });
    this.drivers.addHandler({ onAdd: () => this.nodes.lister.list().forEach(enqueueNode) });
    const enqueueAttachment = ({ spec }: VolumeAttachment): void => this.queue.add(spec.nodeName);
    this.attachments.addHandler({
      onAdd: enqueueAttachment,
      onUpdate: (_, attachment) => enqueueAttachment(attachment),
      onDelete: (attachment) => {
        enqueueAttachment(attachment);
        this.told.delete(attachment.metadata.uid ?? '');
        this.unwantedSinceMs.delete(attachment.metadata.name ?? '');
        // Another node may have waited for it.
        const volume = this.volumes.lister.get(attachment.spec.source.persistentVolumeName ?? '');
        if (volume) enqueueVolume(volume);
      },
    });
  }

  /** The attachable volumes that pods of the node use, each with these pods. */
  private wantedOn(node: string): WantedVolume[] {
    const wanted = new Map<string, AttachableVolume & { readonly pods: Pod[] }>();
    for (const pod of this.pods.lister.byIndex(BY_NODE, node)) {
      if (isDoneWithVolumes(pod)) continue;
      for (const key of claimKeysOf(pod)) {
        const claim = this.claims.lister.get(key);
        const volume = claim && this.volumes.lister.get(claim.spec.volumeName ?? '');
        const attachable = volume && isBoundTo(claim, volume) && this.attachable(volume);
        if (!attachable) continue;
        const known = wanted.get(attachable.id) ?? { ...attachable, pods: [] };
        if (!known.pods.includes(pod)) known.pods.push(pod);
        wanted.set(attachable.id, known);
      }
    }
    return [...wanted.values()];
  }

  private attachable(volume: PersistentVolume): AttachableVolume | undefined {
    return attachableVolume(volume, (name) => this.drivers.lister.get(name));
  }

  private volumeOf({ spec }: VolumeAttachment): AttachableVolume | undefined {
    const volume = this.volumes.lister.get(spec.source.persistentVolumeName ?? '');
    return volume && this.attachable(volume);
  }

  private attachmentsOf({ volume }: AttachableVolume): readonly VolumeAttachment[] {
    return this.attachments.lister.byIndex(BY_VOLUME, volume.metadata.name ?? '');
  }

  private rememberUnwanted(here: readonly VolumeAttachment[], { unwanted }: NodePlan, nowMs: number): void {
    for (const { metadata } of here) {
      const { name = '' } = metadata;
      if (!unwanted.includes(name)) this.unwantedSinceMs.delete(name);
      else if (!this.unwantedSinceMs.has(name)) this.unwantedSinceMs.set(name, nowMs);
    }
  }

  /** Tells the kubelet what it may mount, and the pods of what is new. */
  private async report(node: Node, { attached }: NodePlan, wanted: readonly WantedVolume[]): Promise<void> {
    const { name = '', uid = '' } = node.metadata;
    const before = (node.status?.volumesAttached ?? []).map((each) => each.name);
    if (deepEqual(before, attached)) return;
    const volumesAttached = attached.map((id) => ({ name: id, devicePath: '' }));
    try {
      const body = { metadata: { uid }, status: { volumesAttached: attached.length > 0 ? volumesAttached : null } };
      await this.context.client.resource(nodes).patch(name, { type: 'merge', body }, { subresource: 'status' });
    } catch (error) {
      if (isNotFound(error)) return;
      throw error;
    }
    for (const volume of wanted) {
      if (!attached.includes(volume.id) || before.includes(volume.id)) continue;
      const own = this.attachmentsOf(volume).find(({ spec }) => spec.nodeName === name);
      if (this.isNews(own?.metadata.uid ?? '', 'attached'))
        this.tell(volume.pods, 'Normal', 'SuccessfulAttachVolume', () => attachSucceeded(volume));
    }
  }

  private async attach(attachment: VolumeAttachment): Promise<void> {
    try {
      await this.context.client.resource(volumeattachments).create(attachment);
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
    }
  }

  private async detach({ metadata: { name = '', uid = '' } }: VolumeAttachment): Promise<void> {
    try {
      await this.context.client.resource(volumeattachments).delete(name, { preconditions: { uid } });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }

  private tellBlocked(wanted: readonly WantedVolume[], { blocked }: NodePlan): void {
    for (const volume of wanted) {
      const block = blocked.find((each) => each.volume === volume);
      const users = (block?.nodes ?? [])
        .flatMap((node) => this.wantedOn(node))
        .flatMap((each) => (each.id === volume.id ? each.pods : []));
      for (const pod of volume.pods) {
        const key = `${pod.metadata.uid}/${volume.id}`;
        if (!block) this.told.delete(key);
        else if (this.isNews(key, 'blocked'))
          this.tell([pod], 'Warning', 'FailedAttachVolume', () => multiAttachError(volume, pod, users));
      }
    }
  }

  private tellAwaited({ awaited }: NodePlan): void {
    for (const { volume, attachment } of awaited) {
      const problem = attachProblem(volume, attachment, this.context.clock.now());
      if (problem && this.isNews(attachment.metadata.uid ?? '', problem.mark))
        this.tell(volume.pods, 'Warning', 'FailedAttachVolume', () => attachFailed(volume, problem.problem));
    }
  }

  private isNews(key: string, mark: string): boolean {
    if (this.told.get(key) === mark) return false;
    this.told.set(key, mark);
    return true;
  }

  private tell(to: readonly Pod[], type: 'Normal' | 'Warning', reason: string, message: () => string): void {
    for (const pod of to) this.recorder.event(pod, type, reason, message());
  }
}

/** What of a node matters here. */
function concernOf({ metadata, spec, status }: Node): object {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready')?.status;
  const managed = metadata.annotations?.[MANAGED_ANNOTATION];
  return { managed, taints: spec?.taints, used: status?.volumesInUse, attached: status?.volumesAttached, ready };
}
