import { findDefaultStorageClass, type PersistentVolumeClaim, type StorageClass } from '@pilothouse/api';
import type { ObjectRegistry } from '../../registry/object-registry.ts';
import type { AdmissionPlugin } from '../chain.ts';

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
      const found = findDefaultStorageClass(items.map((each) => each.object as StorageClass));
      if (found) claim.spec = { ...claim.spec, storageClassName: found.metadata.name ?? '' };
    },
  };
}
