import {
  type FieldError,
  type FieldPath,
  forbiddenField,
  invalidValue,
  isDNS1123Subdomain,
  parseQuantity,
  required,
} from '@pilothouse/apimachinery';
import type { Volume } from '@pilothouse/api';
import { validatePullPolicy } from '../container.ts';
import { validatePersistentVolumeClaimTemplate } from './claim-template.ts';
import { validateCsiDriverName } from './csi.ts';
import { validateConfigMapSource, validateDownwardApiSource, validateSecretSource } from './file-volumes.ts';
import { isTooLongForIscsi, TOO_LONG_FOR_ISCSI } from './iscsi.ts';
import { validateProjected } from './projected.ts';
import { STORAGE_RULES } from './storage-sources.ts';

type Source = Exclude<keyof Volume, 'name'>;
type Rule = (volume: Volume, path: FieldPath, errors: FieldError[], podName: string | undefined) => void;

/** Sources of a pod's volumes, in the order in which upstream looks at them: the first one given is the one checked. */
const RULES: Readonly<Record<Source, Rule>> = {
  emptyDir: ({ emptyDir }, path, errors) => {
    if (emptyDir?.sizeLimit !== undefined && parseQuantity(emptyDir.sizeLimit).sign < 0) {
      const detail = 'SizeLimit field must be a valid resource quantity';
      errors.push(forbiddenField(path.child('emptyDir', 'sizeLimit'), detail));
    }
  },
  hostPath: shared('hostPath'),
  gitRepo: shared('gitRepo'),
  gcePersistentDisk: shared('gcePersistentDisk', 'persistentDisk'),
  awsElasticBlockStore: shared('awsElasticBlockStore'),
  secret: ({ secret }, path, errors) => secret && validateSecretSource(secret, path.child('secret'), errors),
  nfs: shared('nfs'),
  iscsi: shared('iscsi'),
  glusterfs: shared('glusterfs'),
  flocker: shared('flocker'),
  persistentVolumeClaim: ({ persistentVolumeClaim }, path, errors) => {
    if (!persistentVolumeClaim?.claimName) errors.push(required(path.child('persistentVolumeClaim', 'claimName')));
  },
  rbd: shared('rbd'),
  cinder: shared('cinder'),
  cephfs: shared('cephfs'),
  quobyte: shared('quobyte'),
  downwardAPI: ({ downwardAPI }, path, errors) => {
    if (downwardAPI) validateDownwardApiSource(downwardAPI, path.child('downwardAPI'), errors);
  },
  fc: shared('fc'),
  flexVolume: shared('flexVolume'),
  configMap: ({ configMap }, path, errors) =>
    configMap && validateConfigMapSource(configMap, path.child('configMap'), errors),
  azureFile: shared('azureFile'),
  vsphereVolume: shared('vsphereVolume'),
  photonPersistentDisk: shared('photonPersistentDisk'),
  portworxVolume: shared('portworxVolume'),
  azureDisk: shared('azureDisk'),
  storageos: shared('storageos'),
  projected: ({ projected }, path, errors) =>
    projected && validateProjected(projected, path.child('projected'), errors),
  scaleIO: shared('scaleIO'),
  csi: ({ csi }, path, errors) => {
    if (!csi) return;
    validateCsiDriverName(csi.driver, path.child('csi', 'driver'), errors);
    const secret = csi.nodePublishSecretRef;
    if (!secret) return;
    if (!secret.name) errors.push(required(path.child('csi', 'nodePublishSecretRef', 'name')));
    else {
      for (const message of isDNS1123Subdomain(secret.name)) {
        errors.push(invalidValue(path.child('csi', 'name'), secret.name, message));
      }
    }
  },
  ephemeral: ({ name, ephemeral }, path, errors, podName) => {
    const template = ephemeral?.volumeClaimTemplate;
    const at = path.child('ephemeral', 'volumeClaimTemplate');
    if (!template) errors.push(required(at));
    else errors.push(...validatePersistentVolumeClaimTemplate(template, at));
    if (!podName || !name) return;
    const claimName = `${podName}-${name}`;
    for (const message of isDNS1123Subdomain(claimName)) {
      errors.push(invalidValue(path.child('name'), name, `PVC name ${JSON.stringify(claimName)}: ${message}`));
    }
  },
  image: ({ image }, path, errors) => {
    if (!image?.reference) errors.push(required(path.child('image', 'reference')));
    validatePullPolicy(image?.pullPolicy, path.child('image', 'pullPolicy'), errors);
  },
};

const SOURCES = Object.keys(RULES) as Source[];

/** How upstream names a source that is one too many, where that is not the field's name. */
const SURPLUS_NAMES: { readonly [source in Source]?: string } = { cephfs: 'cephFS', downwardAPI: 'downwarAPI' };

/** A source that a PersistentVolume can have as well; upstream's path differs from the field's name for one of them. */
function shared(source: Source & keyof typeof STORAGE_RULES, pathName: string = source): Rule {
  return (volume, path, errors) => STORAGE_RULES[source](volume[source], path.child(pathName), errors);
}

/** Exactly one source. */
export function validateVolumeSource(
  volume: Volume,
  path: FieldPath,
  podName: string | undefined,
  errors: FieldError[],
): void {
  let found = false;
  for (const source of SOURCES) {
    if (volume[source] === undefined) continue;
    if (found) {
      const at = path.child(SURPLUS_NAMES[source] ?? source);
      errors.push(forbiddenField(at, 'may not specify more than 1 volume type'));
    } else RULES[source](volume, path, errors, podName);
    if (source === 'iscsi' && isTooLongForIscsi(volume.name, volume.iscsi)) {
      errors.push(invalidValue(path.child('name'), volume.name, TOO_LONG_FOR_ISCSI));
    }
    found = true;
  }
  if (!found) errors.push(required(path, 'must specify a volume type'));
}
