import type { PersistentVolume, PersistentVolumeClaim, PersistentVolumeStatus } from '@pilothouse/api';
import { hasModeOf } from './match-volume.ts';
import { BOUND_BY_CONTROLLER } from './plan-claim.ts';

const PROVISIONED_BY = 'pv.kubernetes.io/provisioned-by';

/** What to do about a volume. */
export type VolumePlan =
  | { readonly act: 'mark'; readonly status: PersistentVolumeStatus }
  /** Its claim has to say yes yet; it never will when their modes differ. */
  | { readonly act: 'ask'; readonly isIncompatible: boolean }
  /** Its claim has another volume: it is free again, or reserved only, as its owner had written. */
  | { readonly act: 'free'; readonly volume: PersistentVolume }
  /** Its claim is gone; `discard` says what follows under the policy Delete. */
  | { readonly act: 'release'; readonly discard?: Discard };

/** How a volume that nobody needs any more comes to its end; `failure` when nobody can bring it there. */
export type Discard = 'delete' | { readonly failure: string };

/** Pure. Upstream: syncVolume. */
export function planVolume(volume: PersistentVolume, claim: PersistentVolumeClaim | undefined): VolumePlan {
  const { claimRef, persistentVolumeReclaimPolicy: policy } = volume.spec;
  // Without uid it is only reserved.
  if (!claimRef?.uid) return { act: 'mark', status: { phase: 'Available' } };
  if (claim?.metadata.uid !== claimRef.uid) return planRelease(volume);
  if (!claim.spec.volumeName) return { act: 'ask', isIncompatible: !hasModeOf(volume, claim) };
  if (claim.spec.volumeName === volume.metadata.name) return { act: 'mark', status: { phase: 'Bound' } };
  const isProvisioned = volume.metadata.annotations?.[PROVISIONED_BY] !== undefined;
  return isProvisioned && policy === 'Delete' ? planRelease(volume) : { act: 'free', volume: unbound(volume) };
}

/** Retained and recycled volumes stay as they are; who provisioned a volume deletes it. */
function planRelease(volume: PersistentVolume): VolumePlan {
  const { persistentVolumeReclaimPolicy: policy, hostPath } = volume.spec;
  const { annotations, name, deletionTimestamp } = volume.metadata;
  if (policy !== 'Delete' || deletionTimestamp || annotations?.[PROVISIONED_BY] !== undefined)
    return { act: 'release' };
  if (hostPath === undefined) {
    const failure = `error getting deleter volume plugin for volume "${name}": no deletable volume plugin matched`;
    return { act: 'release', discard: { failure } };
  }
  // Upstream's plugin for directories of the host, which is there for tests, clears nothing outside of /tmp.
  if (/\/tmp\/.+/.test(hostPath.path)) return { act: 'release', discard: 'delete' };
  const failure = `host_path deleter only supports /tmp/.+ but received provided ${hostPath.path}`;
  return { act: 'release', discard: { failure } };
}

function unbound(volume: PersistentVolume): PersistentVolume {
  const { claimRef, ...spec } = volume.spec;
  const { [BOUND_BY_CONTROLLER]: byController, ...annotations } = volume.metadata.annotations ?? {};
  if (byController !== undefined) return { ...volume, metadata: { ...volume.metadata, annotations }, spec };
  const { uid: _, ...reservation } = claimRef!;
  return { ...volume, spec: { ...spec, claimRef: reservation } };
}
