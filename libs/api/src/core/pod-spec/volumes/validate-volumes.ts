import {
  duplicate,
  type FieldError,
  type FieldPath,
  invalidValue,
  isDNS1123Label,
  required,
} from '@pilothouse/apimachinery';
import type { Volume } from '@pilothouse/api';
import { pushInvalid } from '../../validation/push-invalid.ts';
import type { PodValidationOptions } from '../pod-validation-options.ts';
import { validateVolumeSource } from './volume-source.ts';

/** `spec.volumes`. Returns the valid ones by name: a container may mount only those. */
export function validateVolumes(
  volumes: readonly Volume[],
  path: FieldPath,
  { podMeta }: PodValidationOptions,
  errors: FieldError[],
): Map<string, Volume> {
  const valid = new Map<string, Volume>();
  const podName = podMeta?.name;
  const generatedClaims = podName
    ? volumes.filter((volume) => volume.ephemeral).map((volume) => `${podName}-${volume.name}`)
    : [];
  volumes.forEach((volume, index) => {
    const at = path.index(index);
    const before = errors.length;
    validateVolumeSource(volume, at, podName, errors);
    if (!volume.name) errors.push(required(at.child('name')));
    else pushInvalid(errors, at.child('name'), volume.name, isDNS1123Label(volume.name));
    if (valid.has(volume.name)) errors.push(duplicate(at.child('name'), volume.name));
    if (errors.length === before) valid.set(volume.name, volume);
    const claim = volume.persistentVolumeClaim?.claimName;
    if (claim && generatedClaims.includes(claim)) {
      const detail = 'must not reference a PVC that gets created for an ephemeral volume';
      errors.push(invalidValue(at.child('persistentVolumeClaim', 'claimName'), claim, detail));
    }
  });
  return valid;
}
