import { type FieldError, type FieldPath, invalidValue, required } from '@pilothouse/apimachinery';
import type {
  ConfigMapVolumeSource,
  DownwardAPIVolumeFile,
  DownwardAPIVolumeSource,
  KeyToPath,
  SecretVolumeSource,
} from '@pilothouse/api';
import { validateFieldRef, validateResourceFieldRef } from '../field-selectors.ts';
import { validateNonReservedPath } from './local-path.ts';

const FILE_FIELD_PATHS = [
  'metadata.annotations',
  'metadata.labels',
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
];

/** Permission bits only. */
export function validateFileMode(mode: number | undefined, path: FieldPath, errors: FieldError[]): void {
  if (mode !== undefined && (mode < 0 || mode > 0o777)) {
    errors.push(invalidValue(path, mode, 'must be a number between 0 and 0777 (octal), both inclusive'));
  }
}

export function validateSecretSource(secret: SecretVolumeSource, path: FieldPath, errors: FieldError[]): void {
  if (!secret.secretName) errors.push(required(path.child('secretName')));
  validateFileMode(secret.defaultMode, path.child('defaultMode'), errors);
  validateKeysToPaths(secret.items ?? [], path.child('items'), errors);
}

export function validateConfigMapSource(configMap: ConfigMapVolumeSource, path: FieldPath, errors: FieldError[]): void {
  if (!configMap.name) errors.push(required(path.child('name')));
  validateFileMode(configMap.defaultMode, path.child('defaultMode'), errors);
  validateKeysToPaths(configMap.items ?? [], path.child('items'), errors);
}

function validateKeysToPaths(items: readonly KeyToPath[], path: FieldPath, errors: FieldError[]): void {
  items.forEach((item, index) => validateKeyToPath(item, path.index(index), errors));
}

export function validateKeyToPath({ key, path: file, mode }: KeyToPath, path: FieldPath, errors: FieldError[]): void {
  if (!key) errors.push(required(path.child('key')));
  if (!file) errors.push(required(path.child('path')));
  validateNonReservedPath(file ?? '', path.child('path'), errors);
  validateFileMode(mode, path.child('mode'), errors);
}

export function validateDownwardApiSource(
  source: DownwardAPIVolumeSource,
  path: FieldPath,
  errors: FieldError[],
): void {
  validateFileMode(source.defaultMode, path.child('defaultMode'), errors);
  for (const file of source.items ?? []) validateDownwardApiFile(file, path, errors);
}

/** Upstream gives the files of one volume the volume's own path. */
export function validateDownwardApiFile(file: DownwardAPIVolumeFile, path: FieldPath, errors: FieldError[]): void {
  if (!file.path) errors.push(required(path.child('path')));
  validateNonReservedPath(file.path ?? '', path.child('path'), errors);
  if (file.fieldRef) {
    validateFieldRef(file.fieldRef, FILE_FIELD_PATHS, path.child('fieldRef'), errors);
    if (file.resourceFieldRef) {
      const detail = 'fieldRef and resourceFieldRef can not be specified simultaneously';
      errors.push(invalidValue(path, 'resource', detail));
    }
  } else if (file.resourceFieldRef) {
    validateResourceFieldRef(file.resourceFieldRef, path.child('resourceFieldRef'), errors, { inVolume: true });
  } else errors.push(required(path, 'one of fieldRef and resourceFieldRef is required'));
  validateFileMode(file.mode, path.child('mode'), errors);
}
