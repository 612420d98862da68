import {
  type FieldError,
  type FieldPath,
  inclusiveRangeError,
  invalidValue,
  isDNS1123Label,
  notSupported,
  required,
} from '@pilothouse/apimachinery';
import type {
  AWSElasticBlockStoreVolumeSource,
  AzureDiskVolumeSource,
  CinderVolumeSource,
  FCVolumeSource,
  FlexVolumeSource,
  FlockerVolumeSource,
  GCEPersistentDiskVolumeSource,
  GitRepoVolumeSource,
  HostPathVolumeSource,
  NFSVolumeSource,
  QuobyteVolumeSource,
  StorageOSVolumeSource,
} from '@pilothouse/api';
import { pushInvalid } from '../../validation/push-invalid.ts';
import { validateIscsi } from './iscsi.ts';
import { validateDescendingPath, validateNoBacksteps } from './local-path.ts';

/** The rule for one kind of storage. */
export type StorageRule = (source: any, path: FieldPath, errors: FieldError[]) => void;

const HOST_PATH_TYPES = [
  '',
  'BlockDevice',
  'CharDevice',
  'Directory',
  'DirectoryOrCreate',
  'File',
  'FileOrCreate',
  'Socket',
];
const AZURE_CACHING_MODES = ['None', 'ReadOnly', 'ReadWrite'];
const AZURE_DISK_KINDS = ['Dedicated', 'Managed', 'Shared'];
const AZURE_MANAGED_URI =
  '/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}';
const AZURE_BLOB_URI = 'https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd';
const QUOBYTE_REGISTRY = 'must be a host:port pair or multiple pairs separated by commas';

/** Fields that a source cannot do without. */
function needs(...fields: string[]): StorageRule {
  return (source: Readonly<Record<string, unknown>>, path, errors) => {
    for (const field of fields) {
      const value = source[field];
      if (!value || (Array.isArray(value) && value.length === 0)) errors.push(required(path.child(field)));
    }
  };
}

function validatePartition(partition: number | undefined, path: FieldPath, errors: FieldError[]): void {
  if (partition !== undefined && (partition < 0 || partition > 255)) {
    errors.push(invalidValue(path.child('partition'), partition, inclusiveRangeError(1, 255)));
  }
}

/** Storage that a pod's volume and a PersistentVolume describe alike. */
export const STORAGE_RULES = {
  hostPath: ({ path: hostPath, type }: HostPathVolumeSource, path, errors) => {
    if (!hostPath) {
      errors.push(required(path.child('path')));
      return;
    }
    validateNoBacksteps(hostPath, path.child('path'), errors);
    if (type !== undefined && !HOST_PATH_TYPES.includes(type)) {
      errors.push(notSupported(path.child('type'), type, HOST_PATH_TYPES));
    }
  },
  gitRepo: ({ repository, directory = '' }: GitRepoVolumeSource, path, errors) => {
    if (!repository) errors.push(required(path.child('repository')));
    validateDescendingPath(directory, path.child('directory'), errors);
  },
  gcePersistentDisk: ({ pdName, partition }: GCEPersistentDiskVolumeSource, path, errors) => {
    if (!pdName) errors.push(required(path.child('pdName')));
    validatePartition(partition, path, errors);
  },
  awsElasticBlockStore: ({ volumeID, partition }: AWSElasticBlockStoreVolumeSource, path, errors) => {
    if (!volumeID) errors.push(required(path.child('volumeID')));
    validatePartition(partition, path, errors);
  },
  nfs: ({ server, path: exported = '' }: NFSVolumeSource, path, errors) => {
    if (!server) errors.push(required(path.child('server')));
    if (!exported) errors.push(required(path.child('path')));
    if (!exported.startsWith('/')) {
      errors.push(invalidValue(path.child('path'), exported, 'must be an absolute path'));
    }
  },
  iscsi: validateIscsi,
  glusterfs: needs('endpoints', 'path'),
  flocker: ({ datasetName = '', datasetUUID = '' }: FlockerVolumeSource, path, errors) => {
    if (!datasetName && !datasetUUID) {
      errors.push(required(path, 'one of datasetName and datasetUUID is required'));
    }
    if (datasetName && datasetUUID) {
      const detail = 'datasetName and datasetUUID can not be specified simultaneously';
      errors.push(invalidValue(path, 'resource', detail));
    }
    if (datasetName.includes('/')) {
      errors.push(invalidValue(path.child('datasetName'), datasetName, "must not contain '/'"));
    }
  },
  rbd: needs('monitors', 'image'),
  cinder: ({ volumeID, secretRef }: CinderVolumeSource, path, errors) => {
    if (!volumeID) errors.push(required(path.child('volumeID')));
    if (secretRef && !secretRef.name) errors.push(required(path.child('secretRef', 'name')));
  },
  cephfs: needs('monitors'),
  quobyte: ({ registry, tenant = '', volume }: QuobyteVolumeSource, path, errors) => {
    if (!registry) errors.push(required(path.child('registry'), QUOBYTE_REGISTRY));
    else if (tenant.length >= 65) {
      const detail = 'must be a UUID and may not exceed a length of 64 characters';
      errors.push(required(path.child('tenant'), detail));
    } else {
      for (const pair of registry.split(',')) {
        if (/^(?:[^:[\]]*|\[[^[\]]*\]):[^:]*$/.test(pair)) continue;
        errors.push(invalidValue(path.child('registry'), registry, QUOBYTE_REGISTRY));
      }
    }
    if (!volume) errors.push(required(path.child('volume')));
  },
  fc: ({ targetWWNs = [], wwids = [], lun }: FCVolumeSource, path, errors) => {
    const at = path.child('targetWWNs');
    if (targetWWNs.length === 0 && wwids.length === 0) {
      errors.push(required(at, 'must specify either targetWWNs or wwids, but not both'));
    }
    if (targetWWNs.length === 0) return;
    if (wwids.length > 0) {
      errors.push(invalidValue(at, targetWWNs, 'targetWWNs and wwids can not be specified simultaneously'));
    }
    if (lun === undefined) errors.push(required(path.child('lun'), 'lun is required if targetWWNs is specified'));
    else if (lun < 0 || lun > 255) errors.push(invalidValue(path.child('lun'), lun, inclusiveRangeError(0, 255)));
  },
  flexVolume: ({ driver, options = {} }: FlexVolumeSource, path, errors) => {
    if (!driver) errors.push(required(path.child('driver')));
    for (const key of Object.keys(options)) {
      const domain = `.${key.split('/', 1)[0]?.toLowerCase()}`;
      if (!domain.endsWith('.kubernetes.io') && !domain.endsWith('.k8s.io')) continue;
      const detail = 'kubernetes.io and k8s.io namespaces are reserved';
      errors.push(invalidValue(path.child('options').key(key), key, detail));
    }
  },
  azureFile: needs('secretName', 'shareName'),
  vsphereVolume: needs('volumePath'),
  photonPersistentDisk: needs('pdID'),
  portworxVolume: needs('volumeID'),
  azureDisk: ({ diskName, diskURI = '', cachingMode, kind }: AzureDiskVolumeSource, path, errors) => {
    if (!diskName) errors.push(required(path.child('diskName')));
    if (!diskURI) errors.push(required(path.child('diskURI')));
    if (cachingMode !== undefined && !AZURE_CACHING_MODES.includes(cachingMode)) {
      errors.push(notSupported(path.child('cachingMode'), cachingMode, AZURE_CACHING_MODES));
    }
    if (kind === undefined) return;
    if (!AZURE_DISK_KINDS.includes(kind)) errors.push(notSupported(path.child('kind'), kind, AZURE_DISK_KINDS));
    const managed = kind === 'Managed';
    if (!diskURI.startsWith(managed ? '/subscriptions/' : 'https://')) {
      errors.push(notSupported(path.child('diskURI'), diskURI, [managed ? AZURE_MANAGED_URI : AZURE_BLOB_URI]));
    }
  },
  storageos: ({ volumeName, volumeNamespace, secretRef }: StorageOSVolumeSource, path, errors) => {
    if (!volumeName) errors.push(required(path.child('volumeName')));
    else pushInvalid(errors, path.child('volumeName'), volumeName, isDNS1123Label(volumeName));
    if (volumeNamespace) {
      pushInvalid(errors, path.child('volumeNamespace'), volumeNamespace, isDNS1123Label(volumeNamespace));
    }
    if (secretRef && !secretRef.name) errors.push(required(path.child('secretRef', 'name')));
  },
  scaleIO: needs('gateway', 'system', 'volumeName'),
} as const satisfies Readonly<Record<string, StorageRule>>;
