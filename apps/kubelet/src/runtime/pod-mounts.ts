import type { StartContainerRequest, VolumeFiles } from './container-runtime.ts';
import { expandReferences } from './expand-references.ts';
import type { FileMount, VolumeContents } from './file-system.ts';

/** Brings the volumes that are made from other objects up to date; the others begin empty and keep what they have. */
export function setVolumes(contents: Map<string, VolumeContents>, volumes: ReadonlyMap<string, VolumeFiles>): void {
  for (const [name, wanted] of volumes) {
    let volume = contents.get(name);
    if (!volume) contents.set(name, (volume = { files: new Map() }));
    if (!wanted) continue;
    for (const path of volume.files.keys()) if (!Object.hasOwn(wanted, path)) volume.files.delete(path);
    for (const path of Object.keys(wanted)) volume.files.set(path, wanted[path]!);
  }
}

/**
 * What one container mounts. A volume made from another object can not be written to, and through a `subPath` its
 * changes do not show: the file is taken when the container starts.
 */
export function fileMounts(
  { pod, container, env }: StartContainerRequest,
  volumes: ReadonlyMap<string, VolumeContents>,
): FileMount[] {
  const projected = new Set(
    (pod.spec.volumes ?? [])
      .filter((volume) => volume.configMap ?? volume.secret ?? volume.downwardAPI ?? volume.projected)
      .map(({ name }) => name),
  );
  return (container.volumeMounts ?? []).flatMap(({ name, mountPath, subPath, subPathExpr, readOnly }) => {
    const volume = volumes.get(name);
    if (!volume) return [];
    const inner = subPath ?? (subPathExpr ? expandReferences(subPathExpr, env) : '');
    const isProjected = projected.has(name);
    const contents = isProjected && inner !== '' ? { files: new Map(volume.files) } : volume;
    return {
      path: mountPath.replace(/\/+$/, ''),
      contents,
      subPath: inner,
      readOnly: (readOnly ?? false) || isProjected,
    };
  });
}
