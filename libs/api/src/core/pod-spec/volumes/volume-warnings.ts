import { type FieldPath, parseQuantity } from '@pilothouse/apimachinery';
import type { PersistentVolumeClaimSpec, Volume } from '@pilothouse/api';
import { overlapWarnings } from './overlapping-paths.ts';

const GONE: readonly (readonly [keyof Volume, string])[] = [
  ['photonPersistentDisk', 'deprecated in v1.11, non-functional in v1.16+'],
  ['gitRepo', 'deprecated in v1.11, and disabled by default in v1.33+'],
  ['scaleIO', 'deprecated in v1.16, non-functional in v1.22+'],
  ['flocker', 'deprecated in v1.22, non-functional in v1.25+'],
  ['storageos', 'deprecated in v1.22, non-functional in v1.25+'],
  ['quobyte', 'deprecated in v1.22, non-functional in v1.25+'],
  ['glusterfs', 'deprecated in v1.25, non-functional in v1.26+'],
  ['cephfs', 'deprecated in v1.28, non-functional in v1.31+'],
  ['rbd', 'deprecated in v1.28, non-functional in v1.31+'],
];

/** Volumes of plugins that are gone, and files that are in each other's way. */
export function volumeWarnings(volumes: readonly Volume[], path: FieldPath, warnings: string[]): void {
  volumes.forEach((volume, index) => {
    const at = path.index(index);
    for (const [source, text] of GONE) {
      if (volume[source] !== undefined) {
        warnings.push(`${at.child(source === 'storageos' ? 'storageOS' : source)}: ${text}`);
      }
    }
    const claim = volume.ephemeral?.volumeClaimTemplate?.spec;
    if (claim) claimSpecWarnings(claim, at.child('ephemeral', 'volumeClaimTemplate', 'spec'), warnings);
  });
  overlapWarnings(volumes, warnings);
}

/** Part of a byte cannot be stored. */
export function claimSpecWarnings(spec: PersistentVolumeClaimSpec, path: FieldPath, warnings: string[]): void {
  for (const list of ['requests', 'limits'] as const) {
    const storage = spec.resources?.[list]?.storage;
    if (storage === undefined || parseQuantity(storage).toMilli() % 1000 === 0) continue;
    const at = path.child('resources', list).key('storage');
    warnings.push(`${at}: fractional byte value ${JSON.stringify(storage)} is invalid, must be an integer`);
  }
}
