import { isAlreadyExists, newControllerRef, objectKey } from '@pilothouse/apimachinery';
import { type PersistentVolumeClaim, persistentvolumeclaims, type Pod, pods, type Volume } from '@pilothouse/api';
import type { EventRecorder, SharedInformer } from '@pilothouse/client';
import {
  type Controller,
  createWorkQueue,
  isControlledBy,
  type ReconcileResult,
  type WorkQueue,
} from '@pilothouse/controller';
import type { ControllerContext } from '../../controller-context.ts';
import { isNamespaceTerminating, messageOf } from '../pod-control.ts';

/** Makes the claim of each generic ephemeral volume, owned by its pod. Mirrors pkg/controller/volume/ephemeral. */
export class EphemeralVolumeController implements Controller {
  readonly name = 'ephemeral-volume-controller';
  readonly workers = 2;
  readonly queue: WorkQueue<string>;
  private readonly context: ControllerContext;
  private readonly recorder: EventRecorder;
  private readonly pods: SharedInformer<Pod>;
  private readonly claims: SharedInformer<PersistentVolumeClaim>;

  constructor(context: ControllerContext) {
    this.context = context;
    this.queue = createWorkQueue({ name: this.name, clock: context.clock, metrics: context.metrics });
    this.recorder = context.recorder('ephemeral_volume');
    this.pods = context.informers.for(pods);
    this.claims = context.informers.for(persistentvolumeclaims);
    const enqueue = (pod: Pod): void => {
      if (!pod.metadata.deletionTimestamp && pod.spec.volumes?.some((volume) => volume.ephemeral))
        this.queue.add(objectKey(pod));
    };
    this.pods.addHandler({ onAdd: enqueue });
    this.claims.addHandler({
      onDelete: (claim) => {
        const owner = claim.metadata.ownerReferences?.find((each) => each.kind === 'Pod' && each.controller);
        if (owner) this.queue.add(`${claim.metadata.namespace}/${owner.name}`);
      },
    });
  }

  async reconcile(key: string): Promise<ReconcileResult> {
    const pod = this.pods.lister.get(key);
    if (!pod || pod.metadata.deletionTimestamp) return;
    for (const volume of pod.spec.volumes ?? []) {
      if (!volume.ephemeral) continue;
      try {
        await this.ensureClaim(pod, volume);
      } catch (error) {
        const message = `ephemeral volume ${volume.name}: ${messageOf(error)}`;
        this.recorder.event(pod, 'Warning', 'FailedBinding', message);
        throw new Error(`pod ${key}, ${message}`, { cause: error });
      }
    }
  }

  private async ensureClaim(pod: Pod, volume: Volume): Promise<void> {
    const namespace = pod.metadata.namespace ?? '';
    const name = `${pod.metadata.name}-${volume.name}`;
    const existing = this.claims.lister.get(`${namespace}/${name}`);
    if (existing) {
      if (isControlledBy(existing, pod)) return;
      throw new Error(`PVC ${namespace}/${name} was not created for pod ${objectKey(pod)} (pod is not owner)`);
    }
    const template = volume.ephemeral?.volumeClaimTemplate;
    const { labels, annotations } = template?.metadata ?? {};
    const claim: PersistentVolumeClaim = {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: {
        name,
        namespace,
        ...(labels ? { labels } : {}),
        ...(annotations ? { annotations } : {}),
        ownerReferences: [newControllerRef({ ...pod, apiVersion: 'v1', kind: 'Pod' })],
      },
      spec: structuredClone(template?.spec ?? {}),
    };
    try {
      await this.context.client.resource(persistentvolumeclaims).create(claim, { namespace });
    } catch (error) {
      if (isNamespaceTerminating(error) || isAlreadyExists(error)) return;
      throw new Error(`create PVC ${name}: ${messageOf(error)}`, { cause: error });
    }
  }
}
