import { isAlreadyExists, objectKey } from '@pilothouse/apimachinery';
import { type PersistentVolumeClaim, persistentvolumeclaims, type Pod, type StatefulSet } from '@pilothouse/api';
import type { EventRecorder, KubeClient, SharedInformer } from '@pilothouse/client';
import { messageOf } from '../pod-control.ts';
import { isStale, planClaimOwners } from './claim-owners.ts';
import { claimsOf, ordinalOf, podNameOf } from './pod.ts';

/** Creates the claims of a StatefulSet's pods, and keeps their owners as the retention policy says. */
export class ClaimControl {
  private readonly client: KubeClient;
  private readonly recorder: EventRecorder;
  private readonly claims: SharedInformer<PersistentVolumeClaim>;

  constructor(client: KubeClient, recorder: EventRecorder, claims: SharedInformer<PersistentVolumeClaim>) {
    this.client = client;
    this.recorder = recorder;
    this.claims = claims;
  }

  /** Fails when a claim is on its way out: the pod must not be created with it. */
  async createMissing(set: StatefulSet, ordinal: number): Promise<void> {
    const podName = podNameOf(set, ordinal);
    for (const claim of claimsOf(set, ordinal)) {
      const existing = this.claims.lister.get(objectKey(claim));
      if (existing?.metadata.deletionTimestamp || (existing && isStale(set, podName, existing)))
        throw new Error(`pvc ${claim.metadata.name} is being deleted`);
      if (existing) continue;
      const subject = `Claim ${claim.metadata.name} Pod ${podName} in StatefulSet ${set.metadata.name}`;
      try {
        await this.client.resource(persistentvolumeclaims).create(claim, { namespace: set.metadata.namespace ?? '' });
        this.recorder.event(set, 'Normal', 'SuccessfulCreate', `create ${subject} success`);
      } catch (error) {
        if (isAlreadyExists(error)) continue;
        this.recorder.event(set, 'Warning', 'FailedCreate', `create ${subject} failed error: ${messageOf(error)}`);
        throw error;
      }
    }
  }

  /** Of a pod that is there; before it is deleted, so that claims that should go with it do. */
  async keepOwners(set: StatefulSet, pod: Pod): Promise<void> {
    const namespace = set.metadata.namespace ?? '';
    for (const { metadata } of claimsOf(set, ordinalOf(set, pod)!)) {
      const claim = this.claims.lister.get(`${namespace}/${metadata.name}`);
      const ownerReferences = claim && planClaimOwners(set, pod, claim);
      if (!ownerReferences) continue;
      await this.client
        .resource(persistentvolumeclaims)
        .update({ ...claim, metadata: { ...claim.metadata, ownerReferences } }, { namespace });
    }
  }
}
