import type { PersistentVolumeClaimSpec, ProjectedVolumeSource, Volume } from '@pilothouse/api';
import { roundUpResourceList } from '../resource-list.ts';
import { defaultImagePullPolicy } from './default-image-pull-policy.ts';

/** rw-r--r-- */
const FILE_MODE = 0o644;
const TOKEN_EXPIRATION_SECONDS = 3600;

/** A volume without a source is an emptyDir; files made from API objects are readable by all. */
export function defaultVolume(volume: Volume): void {
  if (!hasSource(volume)) volume.emptyDir = {};
  if (volume.secret) volume.secret.defaultMode ??= FILE_MODE;
  if (volume.configMap) volume.configMap.defaultMode ??= FILE_MODE;
  if (volume.downwardAPI) {
    volume.downwardAPI.defaultMode ??= FILE_MODE;
    for (const item of volume.downwardAPI.items ?? []) if (item.fieldRef) item.fieldRef.apiVersion ||= 'v1';
  }
  if (volume.projected) defaultProjected(volume.projected);
  if (volume.hostPath) volume.hostPath.type ??= '';
  if (volume.image) volume.image.pullPolicy ||= defaultImagePullPolicy(volume.image.reference);
  if (volume.ephemeral?.volumeClaimTemplate) {
    defaultPersistentVolumeClaimSpec((volume.ephemeral.volumeClaimTemplate.spec ??= {}));
  }
}

/** The defaults of a claim's spec, wherever it stands: a claim, a StatefulSet's templates, an ephemeral volume. */
export function defaultPersistentVolumeClaimSpec(spec: PersistentVolumeClaimSpec): void {
  spec.volumeMode ??= 'Filesystem';
  roundUpResourceList(spec.resources?.limits);
  roundUpResourceList(spec.resources?.requests);
}

function hasSource(volume: Volume): boolean {
  for (const field in volume) {
    if (field !== 'name' && volume[field as keyof Volume] !== undefined) return true;
  }
  return false;
}

function defaultProjected(projected: ProjectedVolumeSource): void {
  projected.defaultMode ??= FILE_MODE;
  for (const source of projected.sources ?? []) {
    if (source.serviceAccountToken) source.serviceAccountToken.expirationSeconds ??= TOKEN_EXPIRATION_SECONDS;
    for (const item of source.downwardAPI?.items ?? []) if (item.fieldRef) item.fieldRef.apiVersion ||= 'v1';
  }
}
