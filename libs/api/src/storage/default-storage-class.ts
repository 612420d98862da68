import type { StorageClass } from '@pilothouse/api';

const ANNOTATIONS = ['storageclass.kubernetes.io/is-default-class', 'storageclass.beta.kubernetes.io/is-default-class'];

export function isDefaultStorageClass({ metadata }: StorageClass): boolean {
  return ANNOTATIONS.some((each) => metadata.annotations?.[each] === 'true');
}

/** What claims that name no class get: of several defaults the newest, of equally old ones the first by name. */
export function findDefaultStorageClass(classes: readonly StorageClass[]): StorageClass | undefined {
  return classes
    .filter(isDefaultStorageClass)
    .sort(
      (a, b) =>
        Date.parse(b.metadata.creationTimestamp ?? '') - Date.parse(a.metadata.creationTimestamp ?? '') ||
        ((a.metadata.name ?? '') < (b.metadata.name ?? '') ? -1 : 1),
    )[0];
}
