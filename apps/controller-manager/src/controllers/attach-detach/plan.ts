import type { Node, Pod, VolumeAttachment } from '@pilothouse/api';
import { type AttachableVolume, attachmentName, isOwnAttachment } from './attachable-volume.ts';

/** Upstream's `maxWaitForUnmountDuration`: a node that is not ready is waited for this long. */
const MAX_WAIT_FOR_UNMOUNT_MS = 360_000;

export interface WantedVolume extends AttachableVolume {
  /** Pods of the node that use it. */
  readonly pods: readonly Pod[];
}

export interface NodeVolumes {
  readonly name: string;
  /** Undefined when it is gone. */
  readonly node: Node | undefined;
  readonly wanted: readonly WantedVolume[];
  /** Those to this node, and those of the wanted volumes to others. */
  readonly attachments: readonly VolumeAttachment[];
  /** Of an attachment's volume; undefined when that is gone. */
  readonly idOf: (attachment: VolumeAttachment) => string | undefined;
  /** Since when nobody has wanted an attachment, by its name; absent when that is new. */
  readonly unwantedSinceMs: ReadonlyMap<string, number>;
  readonly nowMs: number;
}

export interface NodePlan {
  readonly attach: readonly VolumeAttachment[];
  /** Taken out of the node's status first: then nothing is mounted any more that is about to go. */
  readonly detach: readonly VolumeAttachment[];
  /** For `status.volumesAttached`. */
  readonly attached: readonly string[];
  /** Exclusive volumes that another node still has. */
  readonly blocked: readonly { readonly volume: WantedVolume; readonly nodes: readonly string[] }[];
  /** Attachments under way, for what the attacher says or does not say. */
  readonly awaited: readonly { readonly volume: WantedVolume; readonly attachment: VolumeAttachment }[];
  readonly unwanted: readonly string[];
  /** When a node that does not unmount is given up. */
  readonly forceAtMs: number | undefined;
}

/** What is to be attached to a node and what detached. Mirrors the reconciler of pkg/controller/volume/attachdetach. */
export function planNodeVolumes(volumes: NodeVolumes): NodePlan {
  const { name, node, wanted, attachments, idOf } = volumes;
  const here = attachments.filter(({ spec }) => spec.nodeName === name && spec.source.persistentVolumeName);
  const [detach, unwanted, attached] = [[] as VolumeAttachment[], [] as string[], new Set<string>()];
  let forceAtMs: number | undefined;
  for (const attachment of here) {
    const id = idOf(attachment);
    const isWanted = wanted.some((each) => each.id === id);
    const isGoing = attachment.metadata.deletionTimestamp !== undefined;
    if (!isWanted && !isGoing && isOwnAttachment(attachment)) {
      const { name: own = '' } = attachment.metadata;
      unwanted.push(own);
      const waitUntilMs = mayDetachAtMs(volumes, id, volumes.unwantedSinceMs.get(own) ?? volumes.nowMs);
      if (waitUntilMs <= volumes.nowMs) {
        detach.push(attachment);
        continue;
      }
      if (Number.isFinite(waitUntilMs)) forceAtMs = Math.min(forceAtMs ?? Infinity, waitUntilMs);
    }
    if (id !== undefined && attachment.status?.attached && !isGoing) attached.add(id);
  }
  const attach: VolumeAttachment[] = [];
  const blocked: { volume: WantedVolume; nodes: string[] }[] = [];
  const awaited: { volume: WantedVolume; attachment: VolumeAttachment }[] = [];
  for (const volume of node ? wanted : []) {
    if (attached.has(volume.id)) continue;
    const own = here.find((each) => idOf(each) === volume.id);
    const others = attachments.filter((each) => each.spec.nodeName !== name && idOf(each) === volume.id);
    if (own) awaited.push({ volume, attachment: own });
    else if (others.length > 0 && isExclusive(volume))
      blocked.push({ volume, nodes: others.map(({ spec }) => spec.nodeName) });
    else attach.push(newAttachment(volume, name));
  }
  return { attach, detach, attached: inOrder(attached, node), blocked, awaited, unwanted, forceAtMs };
}

/** Infinity while a node that is well has the volume mounted. */
function mayDetachAtMs({ node, nowMs }: NodeVolumes, id: string | undefined, sinceMs: number): number {
  const isMounted = id !== undefined && node?.status?.volumesInUse?.includes(id);
  const isOutOfService = node?.spec?.taints?.some(({ key }) => key === 'node.kubernetes.io/out-of-service');
  if (!isMounted || isOutOfService) return nowMs;
  const isReady = node?.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True');
  return isReady ? Infinity : sinceMs + MAX_WAIT_FOR_UNMOUNT_MS;
}

/** One node at a time, unless an access mode says that many may have it. */
function isExclusive({ volume: { spec } }: AttachableVolume): boolean {
  const modes = spec.accessModes ?? [];
  return modes.length > 0 && !modes.some((mode) => mode === 'ReadWriteMany' || mode === 'ReadOnlyMany');
}

function newAttachment(volume: AttachableVolume, nodeName: string): VolumeAttachment {
  return {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'VolumeAttachment',
    metadata: { name: attachmentName(volume, nodeName) },
    spec: {
      attacher: volume.driver,
      nodeName,
      source: { persistentVolumeName: volume.volume.metadata.name ?? '' },
    },
  };
}

/** Those that the node's status has already stay where they are. */
function inOrder(attached: ReadonlySet<string>, node: Node | undefined): string[] {
  const before = (node?.status?.volumesAttached ?? []).map(({ name }) => name).filter((name) => attached.has(name));
  return [...new Set([...before, ...attached])];
}
