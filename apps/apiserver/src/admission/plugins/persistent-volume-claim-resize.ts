import { forbidden, parseQuantity } from '@pilothouse/apimachinery';
import type { PersistentVolumeClaim, StorageClass } from '@pilothouse/api';
import type { ObjectRegistry } from '../../registry/object-registry.ts';
import type { AdmissionPlugin } from '../chain.ts';

/** Claims may grow only where their storage class says so. https://kubernetes.io/docs/concepts/storage/persistent-volumes/#expanding-persistent-volumes-claims */
export function persistentVolumeClaimResize(classes: ObjectRegistry): AdmissionPlugin {
  return {
    name: 'PersistentVolumeClaimResize',
    operations: ['UPDATE'],
    async validate({ definition, subresource, name, object, oldObject }) {
      if (definition.group !== '' || definition.resource !== 'persistentvolumeclaims' || subresource !== '') return;
      const [claim, before] = [object, oldObject] as [PersistentVolumeClaim, PersistentVolumeClaim];
      if (requested(claim).compare(requested(before)) <= 0) return;
      if (before.status?.phase !== 'Bound')
        throw forbidden(definition, name, 'Only bound persistent volume claims can be expanded');
      const className =
        claim.metadata.annotations?.['volume.beta.kubernetes.io/storage-class'] ?? claim.spec.storageClassName;
      const found = className ? await classes.peek({ namespace: '', name: className }) : undefined;
      if ((found?.object as StorageClass | undefined)?.allowVolumeExpansion) return;
      const why =
        'only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize';
      throw forbidden(definition, name, why);
    },
  };
}

const requested = ({ spec }: PersistentVolumeClaim) => parseQuantity(spec.resources?.requests?.storage ?? '0');
