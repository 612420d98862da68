import { apiOperations } from '../api-operations.ts';

const STORAGE = { group: 'storage.k8s.io', version: 'v1' };

apiOperations('storage classes support every API operation', {
  ...STORAGE,
  resource: 'storageclasses',
  object: () => ({ provisioner: 'e2e-fake-provisioner', parameters: { a: 'b' }, reclaimPolicy: 'Delete' }),
});

apiOperations('CSI drivers support every API operation', {
  ...STORAGE,
  resource: 'csidrivers',
  object: () => ({ spec: { attachRequired: false, podInfoOnMount: true, volumeLifecycleModes: ['Ephemeral'] } }),
});

apiOperations('CSI nodes support every API operation', {
  ...STORAGE,
  resource: 'csinodes',
  object: () => ({
    spec: { drivers: [{ name: 'd', nodeID: 'n', topologyKeys: ['zone'], allocatable: { count: 2 } }] },
  }),
});

apiOperations('CSI storage capacities support every API operation', {
  ...STORAGE,
  resource: 'csistoragecapacities',
  namespaced: true,
  object: () => ({ storageClassName: 'some-class', capacity: '10Gi' }),
});

apiOperations('volume attachments support every API operation', {
  ...STORAGE,
  resource: 'volumeattachments',
  object: () => ({
    spec: { attacher: 'e2e-test.storage.k8s.io', nodeName: 'node-x', source: { persistentVolumeName: 'pv' } },
  }),
  status: { attached: true },
});

apiOperations('volume attributes classes support every API operation', {
  ...STORAGE,
  resource: 'volumeattributesclasses',
  object: () => ({ driverName: 'e2e-fake-csi-driver', parameters: { iops: '2000' } }),
});

apiOperations('persistent volumes support every API operation', {
  group: '',
  version: 'v1',
  resource: 'persistentvolumes',
  object: () => ({
    spec: {
      capacity: { storage: '1Gi' },
      accessModes: ['ReadWriteOnce'],
      csi: { driver: 'd.example.com', volumeHandle: 'h' },
      storageClassName: 'none',
    },
  }),
});

apiOperations('persistent volume claims support every API operation', {
  group: '',
  version: 'v1',
  resource: 'persistentvolumeclaims',
  namespaced: true,
  object: () => ({
    spec: { accessModes: ['ReadWriteOnce'], storageClassName: 'none', resources: { requests: { storage: '1Gi' } } },
  }),
  status: {
    conditions: [{ type: 'StatusPatched', status: 'True', reason: 'E2E patchStatus', message: 'Set from e2e test' }],
  },
});
