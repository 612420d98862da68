import {
  type FieldError,
  type FieldPath,
  fieldNotFound,
  invalidValue,
  isConfigMapKey,
  isDNS1123Label,
  isDNS1123Subdomain,
  isRelaxedEnvVarName,
  nameIsDNSSubdomain,
  required,
} from '@pilothouse/apimachinery';
import type { EnvFromSource, EnvVar, EnvVarSource, FileKeySelector, PodSpec } from '@pilothouse/api';
import { pushInvalid } from '../validation/push-invalid.ts';
import { validateFieldRef, validateResourceFieldRef } from './field-selectors.ts';
import { validateNoBacksteps } from './volumes/local-path.ts';
import { visitContainers } from './visit-containers.ts';

const ENV_FIELD_PATHS = [
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  'spec.nodeName',
  'spec.serviceAccountName',
  'status.hostIP',
  'status.hostIPs',
  'status.podIP',
  'status.podIPs',
];

const ONE_SOURCE =
  'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`';

export function validateEnv(variables: readonly EnvVar[], path: FieldPath, errors: FieldError[]): void {
  variables.forEach((variable, index) => {
    const at = path.index(index);
    if (!variable.name) errors.push(required(at.child('name')));
    else pushInvalid(errors, at.child('name'), variable.name, isRelaxedEnvVarName(variable.name));
    if (variable.valueFrom) validateValueFrom(variable.valueFrom, variable.value, at.child('valueFrom'), errors);
  });
}

function validateValueFrom(
  source: EnvVarSource,
  value: string | undefined,
  path: FieldPath,
  errors: FieldError[],
): void {
  if (source.fieldRef) validateFieldRef(source.fieldRef, ENV_FIELD_PATHS, path.child('fieldRef'), errors);
  if (source.resourceFieldRef) {
    validateResourceFieldRef(source.resourceFieldRef, path.child('resourceFieldRef'), errors);
  }
  if (source.configMapKeyRef) validateKeyRef(source.configMapKeyRef, path.child('configMapKeyRef'), errors);
  if (source.secretKeyRef) validateKeyRef(source.secretKeyRef, path.child('secretKeyRef'), errors);
  if (source.fileKeyRef) validateFileKeyRef(source.fileKeyRef, path.child('fileKeyRef'), errors);
  const sources = [
    source.fieldRef,
    source.resourceFieldRef,
    source.configMapKeyRef,
    source.secretKeyRef,
    source.fileKeyRef,
  ].filter(Boolean).length;
  if (sources === 0) errors.push(invalidValue(path, '', ONE_SOURCE));
  else if (value) errors.push(invalidValue(path, '', 'may not be specified when `value` is not empty'));
  else if (sources > 1) errors.push(invalidValue(path, '', 'may not have more than one field specified at a time'));
}

function validateKeyRef(
  { name = '', key }: { readonly name?: string; readonly key?: string },
  path: FieldPath,
  errors: FieldError[],
): void {
  pushInvalid(errors, path.child('name'), name, isDNS1123Subdomain(name));
  if (!key) errors.push(required(path.child('key')));
  else pushInvalid(errors, path.child('key'), key, isConfigMapKey(key));
}

function validateFileKeyRef(
  { key, volumeName, path: file }: FileKeySelector,
  path: FieldPath,
  errors: FieldError[],
): void {
  if (!key) errors.push(required(path.child('key')));
  else pushInvalid(errors, path.child('key'), key, isRelaxedEnvVarName(key));
  if (!volumeName) errors.push(required(path.child('volumeName')));
  else pushInvalid(errors, path.child('volumeName'), volumeName, isDNS1123Label(volumeName));
  if (!file) errors.push(required(path.child('path')));
  else validateNoBacksteps(file, path.child('path'), errors);
}

export function validateEnvFrom(sources: readonly EnvFromSource[], path: FieldPath, errors: FieldError[]): void {
  sources.forEach((source, index) => {
    const at = path.index(index);
    if (source.prefix) pushInvalid(errors, at.child('prefix'), source.prefix, isRelaxedEnvVarName(source.prefix));
    if (source.configMapRef) validateEnvSourceName(source.configMapRef.name, at.child('configMapRef', 'name'), errors);
    if (source.secretRef) validateEnvSourceName(source.secretRef.name, at.child('secretRef', 'name'), errors);
    if (source.configMapRef && source.secretRef) {
      errors.push(invalidValue(path, '', 'may not have more than one field specified at a time'));
    } else if (!source.configMapRef && !source.secretRef) {
      errors.push(invalidValue(path, '', 'must specify one of: `configMapRef` or `secretRef`'));
    }
  });
}

/** Upstream checks these names as it checks prefixes, so a trailing dash passes. */
function validateEnvSourceName(name: string | undefined, path: FieldPath, errors: FieldError[]): void {
  if (!name) errors.push(required(path));
  else pushInvalid(errors, path, name, nameIsDNSSubdomain(name, true));
}

/** A variable read from a file needs the file on an emptyDir of the pod (KEP-3721). */
export function validateFileKeyVolumes(spec: PodSpec, path: FieldPath, errors: FieldError[]): void {
  visitContainers(spec, path, (container, at) => {
    container.env?.forEach((variable, index) => {
      const name = variable.valueFrom?.fileKeyRef?.volumeName;
      if (!variable.valueFrom?.fileKeyRef) return;
      const volume = spec.volumes?.find((each) => each.name === name);
      const namePath = at.child('env').index(index).child('valueFrom', 'fileKeyRef', 'volumeName');
      if (!volume) errors.push(fieldNotFound(namePath, name ?? ''));
      else if (!volume.emptyDir) {
        errors.push(invalidValue(namePath, name, 'referenced volume must be of type emptyDir'));
      }
    });
  });
}
