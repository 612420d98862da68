import {
  type FieldError,
  type FieldPath,
  forbiddenField,
  invalidValue,
  isDNS1123Label,
  isDNS1123Subdomain,
  nameIsDNSLabel,
  required,
} from '@pilothouse/apimachinery';
import type {
  AzureFilePersistentVolumeSource,
  CinderPersistentVolumeSource,
  CSIPersistentVolumeSource,
  GlusterfsPersistentVolumeSource,
  ISCSIPersistentVolumeSource,
  LocalVolumeSource,
  PersistentVolumeSource,
  PersistentVolumeSpec,
  SecretReference,
  StorageOSPersistentVolumeSource,
} from '@pilothouse/api';
import { validateCsiDriverName } from '../pod-spec/volumes/csi.ts';
import { validateNoBacksteps } from '../pod-spec/volumes/local-path.ts';
import { validatePersistentIscsi } from '../pod-spec/volumes/iscsi.ts';
import { STORAGE_RULES } from '../pod-spec/volumes/storage-sources.ts';
import { pushInvalid } from '../validation/push-invalid.ts';

type Source = keyof PersistentVolumeSource;
type Rule = (source: any, path: FieldPath, errors: FieldError[], volumeName: string) => void;

const CSI_SECRETS = [
  'controllerPublishSecretRef',
  'controllerExpandSecretRef',
  'nodePublishSecretRef',
  'nodeExpandSecretRef',
] as const;

/** Sources of PersistentVolumes, in the order in which upstream looks at them. Secrets need a namespace here. */
const RULES: Readonly<Record<Source, Rule>> = {
  hostPath: STORAGE_RULES.hostPath,
  gcePersistentDisk: STORAGE_RULES.gcePersistentDisk,
  awsElasticBlockStore: STORAGE_RULES.awsElasticBlockStore,
  glusterfs: (source: GlusterfsPersistentVolumeSource, path, errors) => {
    STORAGE_RULES.glusterfs(source, path, errors);
    const namespace = source.endpointsNamespace;
    if (namespace === undefined) return;
    const at = path.child('endpointsNamespace');
    if (namespace === '') {
      const detail = 'if the endpointnamespace is set, it must be a valid namespace name';
      errors.push(invalidValue(at, namespace, detail));
    } else pushInvalid(errors, at, namespace, nameIsDNSLabel(namespace, false));
  },
  flocker: STORAGE_RULES.flocker,
  nfs: STORAGE_RULES.nfs,
  rbd: STORAGE_RULES.rbd,
  quobyte: STORAGE_RULES.quobyte,
  cephfs: STORAGE_RULES.cephfs,
  iscsi: (source: ISCSIPersistentVolumeSource, path, errors, volumeName) =>
    validatePersistentIscsi(source, volumeName, path, errors),
  cinder: (source: CinderPersistentVolumeSource, path, errors) => {
    STORAGE_RULES.cinder(source, path, errors);
    if (source.secretRef && !source.secretRef.namespace) errors.push(required(path.child('secretRef', 'namespace')));
  },
  fc: STORAGE_RULES.fc,
  flexVolume: STORAGE_RULES.flexVolume,
  azureFile: (source: AzureFilePersistentVolumeSource, path, errors) => {
    STORAGE_RULES.azureFile(source, path, errors);
    if (source.secretNamespace === '') errors.push(required(path.child('secretNamespace')));
  },
  vsphereVolume: STORAGE_RULES.vsphereVolume,
  photonPersistentDisk: STORAGE_RULES.photonPersistentDisk,
  portworxVolume: STORAGE_RULES.portworxVolume,
  azureDisk: STORAGE_RULES.azureDisk,
  scaleIO: STORAGE_RULES.scaleIO,
  local: ({ path: localPath }: LocalVolumeSource, path, errors) => {
    if (!localPath) errors.push(required(path.child('path')));
    else validateNoBacksteps(localPath, path.child('path'), errors);
  },
  storageos: (source: StorageOSPersistentVolumeSource, path, errors) => {
    STORAGE_RULES.storageos(source, path, errors);
    if (source.secretRef && !source.secretRef.namespace) errors.push(required(path.child('secretRef', 'namespace')));
  },
  csi: (source: CSIPersistentVolumeSource, path, errors) => {
    validateCsiDriverName(source.driver, path.child('driver'), errors);
    if (!source.volumeHandle) errors.push(required(path.child('volumeHandle')));
    for (const secret of CSI_SECRETS) {
      const reference = source[secret];
      if (reference) validateSecretReference(reference, path.child(secret), errors);
    }
  },
};

const SOURCES = Object.keys(RULES) as Source[];

function validateSecretReference({ name, namespace }: SecretReference, path: FieldPath, errors: FieldError[]): void {
  if (!name) errors.push(required(path.child('name')));
  else pushInvalid(errors, path.child('name'), name, isDNS1123Subdomain(name));
  if (!namespace) errors.push(required(path.child('namespace')));
  else pushInvalid(errors, path.child('namespace'), namespace, isDNS1123Label(namespace));
}

/** Exactly one source. */
export function validatePersistentVolumeSource(
  spec: PersistentVolumeSpec,
  name: string,
  path: FieldPath,
  errors: FieldError[],
): void {
  let found = false;
  for (const source of SOURCES) {
    const value = spec[source];
    if (value === undefined) continue;
    // A flexVolume beside another source has always been let through.
    if (found && source !== 'flexVolume') {
      const at = path.child(source === 'cephfs' ? 'cephFS' : source);
      errors.push(forbiddenField(at, 'may not specify more than 1 volume type'));
    } else {
      const at = path.child(source === 'gcePersistentDisk' ? 'persistentDisk' : source);
      RULES[source](value, at, errors, name);
      if (source === 'local' && !spec.nodeAffinity) {
        errors.push(required(path.child('nodeAffinity'), 'Local volume requires node affinity'));
      }
    }
    found = true;
  }
  if (!found) errors.push(required(path, 'must specify a volume type'));
}

/** Only the source of a spec. */
export function persistentVolumeSourceOf(spec: PersistentVolumeSpec): PersistentVolumeSource {
  return Object.fromEntries(
    SOURCES.filter((source) => spec[source] !== undefined).map((source) => [source, spec[source]]),
  );
}
