import type { AdmissionPlugin } from '../chain.ts';

const FINALIZERS: Readonly<Record<string, string>> = {
  persistentvolumeclaims: 'kubernetes.io/pvc-protection',
  persistentvolumes: 'kubernetes.io/pv-protection',
};

/** Claims and volumes wait with their deletion until nobody uses them; controllers take the finalizers away again. https://kubernetes.io/docs/concepts/storage/persistent-volumes/#storage-object-in-use-protection */
export const storageObjectInUseProtection: AdmissionPlugin = {
  name: 'StorageObjectInUseProtection',
  operations: ['CREATE'],
  mutate({ definition, subresource, object }) {
    const finalizer = definition.group === '' && subresource === '' ? FINALIZERS[definition.resource] : undefined;
    if (finalizer === undefined || object === undefined) return;
    const before = object.metadata?.finalizers ?? [];
    if (!before.includes(finalizer)) object.metadata = { ...object.metadata, finalizers: [...before, finalizer] };
  },
};
