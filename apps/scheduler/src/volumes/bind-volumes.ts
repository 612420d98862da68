import { objectKey } from '@pilothouse/apimachinery';
import type { PersistentVolume, PersistentVolumeClaim } from '@pilothouse/api';
import type { Clock } from '@pilothouse/component';
import type { ApiWriter } from '../framework/api-writer.ts';
import type { ClusterListers } from '../framework/listers.ts';
import { BOUND_BY_CONTROLLER, isFullyBound, SELECTED_NODE } from './pod-claims.ts';
import type { VolumeDecisions } from './volume-decisions.ts';

const POLL_INTERVAL_MS = 1000;

export interface VolumeBindingContext {
  readonly api: ApiWriter;
  readonly clock: Clock;
  readonly listers: Pick<ClusterListers, 'persistentVolumeClaims'>;
  readonly timeoutMs: number;
}

/**
 * Carries out the decisions: reserves each volume for its claim and tells the provisioners which node each claim is
 * for; then waits until the volume controller has bound all claims of the pod. Rejects if it does not in time, or if a
 * provisioner gave up on the node.
 */
export async function bindVolumes(
  decisions: VolumeDecisions,
  claimKeys: readonly string[],
  nodeName: string,
  { api, clock, listers, timeoutMs }: VolumeBindingContext,
): Promise<void> {
  for (const { claim, volume } of decisions.bindings) await api.updatePersistentVolume(reservedFor(volume, claim));
  for (const claim of decisions.provisions) await api.updatePersistentVolumeClaim(withSelectedNode(claim, nodeName));

  const provisioned = new Set(decisions.provisions.map(objectKey));
  const deadlineMs = clock.monotonicMs() + timeoutMs;
  // The provisioner takes the annotation back when it fails; until our own write is seen, its absence means nothing.
  const seenSelected = new Set<string>();
  for (;;) {
    let allBound = true;
    for (const key of claimKeys) {
      const claim = listers.persistentVolumeClaims.get(key);
      if (!claim) throw new Error(`could not get PVC ${key}`);
      const selected = claim.metadata.annotations?.[SELECTED_NODE] === nodeName;
      if (selected) seenSelected.add(key);
      if (isFullyBound(claim)) continue;
      if (provisioned.has(key) && !selected && seenSelected.has(key)) {
        throw new Error(`provisioning failed for PVC "${claim.metadata.name}"`);
      }
      allBound = false;
    }
    if (allBound) return;
    if (clock.monotonicMs() >= deadlineMs) throw new Error('binding volumes: context deadline exceeded');
    await clock.sleep(POLL_INTERVAL_MS);
  }
}

function reservedFor(volume: PersistentVolume, claim: PersistentVolumeClaim): PersistentVolume {
  const { namespace, name, uid, resourceVersion } = claim.metadata;
  const annotations = volume.spec?.claimRef
    ? volume.metadata.annotations
    : { ...volume.metadata.annotations, [BOUND_BY_CONTROLLER]: 'yes' };
  return {
    ...volume,
    metadata: { ...volume.metadata, ...(annotations ? { annotations } : {}) },
    spec: {
      ...volume.spec,
      claimRef: {
        kind: 'PersistentVolumeClaim',
        apiVersion: 'v1',
        ...(namespace === undefined ? {} : { namespace }),
        ...(name === undefined ? {} : { name }),
        ...(uid === undefined ? {} : { uid }),
        ...(resourceVersion === undefined ? {} : { resourceVersion }),
      },
    },
  };
}

function withSelectedNode(claim: PersistentVolumeClaim, nodeName: string): PersistentVolumeClaim {
  const annotations = { ...claim.metadata.annotations, [SELECTED_NODE]: nodeName };
  return { ...claim, metadata: { ...claim.metadata, annotations } };
}
