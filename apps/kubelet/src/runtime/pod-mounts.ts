import type { Pod } from '@pilothouse/api';
import type { StartContainerRequest, VolumeFiles } from './container-runtime.ts';
import { expandReferences } from './expand-references.ts';
import type { FileMount } from './file-system.ts';
import { FileTree } from './file-tree.ts';
import { volumeAttributes } from './volume-attributes.ts';

/** Brings the volumes that are made from other objects up to date; the others begin empty and keep what they have. */
export function setVolumes(pod: Pod, trees: Map<string, FileTree>, volumes: ReadonlyMap<string, VolumeFiles>): void {
  for (const volume of pod.spec.volumes ?? []) {
    if (!volumes.has(volume.name)) continue;
    const wanted = volumes.get(volume.name);
    const before = trees.get(volume.name);
    // Asked at every look at a pod, and mostly nothing has changed.
    if (before && (!wanted || holds(before, wanted))) continue;
    const { fsType, root, fileAt } = volumeAttributes(volume, pod);
    const tree = before ?? new FileTree(fsType, root);
    trees.set(volume.name, tree);
    if (!wanted) continue;
    for (const path of tree.files()) if (!Object.hasOwn(wanted, path)) tree.remove(path);
    for (const path of Object.keys(wanted)) tree.put(path, wanted[path]!, fileAt(path));
  }
}

function holds(tree: FileTree, wanted: Readonly<Record<string, string>>): boolean {
  const paths = Object.keys(wanted);
  return paths.length === tree.size && paths.every((path) => tree.read(path) === wanted[path]);
}

/**
 * What one container mounts. A volume made from another object can not be written to, and through a `subPath` its
 * changes do not show: the file is taken when the container starts. A `subPath` that is not there is made, a directory.
 */
export function fileMounts(
  { pod, container, env }: StartContainerRequest,
  trees: ReadonlyMap<string, FileTree>,
): FileMount[] {
  const projected = new Set(
    (pod.spec.volumes ?? [])
      .filter((volume) => volume.configMap ?? volume.secret ?? volume.downwardAPI ?? volume.projected)
      .map(({ name }) => name),
  );
  return (container.volumeMounts ?? []).flatMap(({ name, mountPath, subPath, subPathExpr, readOnly }) => {
    const tree = trees.get(name);
    if (!tree) return [];
    const inner = (subPath || (subPathExpr ? expandReferences(subPathExpr, env) : '')).replace(/\/+$/, '');
    const isProjected = projected.has(name);
    if (inner !== '' && !isProjected)
      tree.makeDirectory(inner, { ...tree.root, mode: 0o755 | (tree.root.mode & 0o2020) });
    return {
      path: mountPath.replace(/\/+$/, ''),
      tree: isProjected && inner !== '' ? copyOf(tree) : tree,
      subPath: inner,
      readOnly: (readOnly ?? false) || isProjected,
    };
  });
}

function copyOf(tree: FileTree): FileTree {
  const copy = new FileTree(tree.fsType, tree.root);
  for (const path of tree.files()) copy.put(path, tree.read(path)!, tree.info(path)!);
  return copy;
}
