import type { PersistentVolumeClaim, StorageClass } from '@pilothouse/api';
import type { ObjectRegistry } from '../../registry/object-registry.ts';
import type { AdmissionPlugin } from '../chain.ts';

const DEFAULT_ANNOTATION = 'storageclass.kubernetes.io/is-default-class';
const BETA_DEFAULT_ANNOTATION = 'storageclass.beta.kubernetes.io/is-default-class';
const BETA_CLASS_ANNOTATION = 'volume.beta.kubernetes.io/storage-class';

/** A claim that names no class (an empty name is one) gets the default one. */
export function defaultStorageClass(classes: ObjectRegistry): AdmissionPlugin {
  return {
    name: 'DefaultStorageClass',
    operations: ['CREATE'],
    async mutate({ definition, object, subresource }) {
      if (definition.group !== '' || definition.resource !== 'persistentvolumeclaims' || subresource !== '') return;
      const claim = object as PersistentVolumeClaim;
      const oldName = claim.metadata?.annotations?.[BETA_CLASS_ANNOTATION];
      if (claim.spec?.storageClassName !== undefined || oldName !== undefined) return;
      const { items } = await classes.store.list({ namespace: '', resourceVersion: '0', unfiltered: true });
      const [newest] = items
        .map((each) => each.object as StorageClass)
        .filter(isDefault)
        .sort(
          (a, b) => Date.parse(b.metadata?.creationTimestamp ?? '') - Date.parse(a.metadata?.creationTimestamp ?? ''),
        );
      if (newest?.metadata?.name)
        claim.spec = { ...claim.spec, storageClassName: newest.metadata.name } as typeof claim.spec;
    },
  };
}

function isDefault({ metadata }: StorageClass): boolean {
  const annotations = metadata?.annotations ?? {};
  return annotations[DEFAULT_ANNOTATION] === 'true' || annotations[BETA_DEFAULT_ANNOTATION] === 'true';
}
