import {
  deepEqual,
  type FieldError,
  fieldPath,
  forbiddenField,
  invalidValue,
  isConfigMapKey,
  tooLong,
} from '@pilothouse/apimachinery';
import type { ConfigMap } from '@pilothouse/api';
import type { KindBehaviour } from '../kind.ts';
import { ageColumn, column, nameColumn } from '../printing/index.ts';
import { base64ByteLength, MAX_DATA_BYTES } from './validation/data-size.ts';
import { pushInvalid } from './validation/push-invalid.ts';

const DATA = fieldPath('data');
const BINARY_DATA = fieldPath('binaryData');
const FROZEN = 'field is immutable when `immutable` is set';

export const configMap: KindBehaviour<ConfigMap> = {
  group: '',
  kind: 'ConfigMap',
  columns: [
    nameColumn,
    column<ConfigMap>('Data', ({ data = {}, binaryData = {} }) => {
      return Object.keys(data).length + Object.keys(binaryData).length;
    }),
    ageColumn,
  ],
  strategy: {
    validate: validateConfigMap,
    validateUpdate: validateUnfrozen,
    updateChecks: ['metadataUpdate', 'update', 'metadata', 'object'],
    allowUnconditionalUpdate: true,
  },
};

function validateConfigMap({ data = {}, binaryData = {} }: ConfigMap): FieldError[] {
  const errors: FieldError[] = [];
  let bytes = 0;
  for (const [key, value] of Object.entries(data)) {
    pushInvalid(errors, DATA.key(key), key, isConfigMapKey(key));
    if (Object.hasOwn(binaryData, key)) {
      errors.push(invalidValue(DATA.key(key), key, 'duplicate of key present in binaryData'));
    }
    bytes += Buffer.byteLength(value);
  }
  for (const [key, value] of Object.entries(binaryData)) {
    pushInvalid(errors, BINARY_DATA.key(key), key, isConfigMapKey(key));
    bytes += base64ByteLength(value);
  }
  if (bytes > MAX_DATA_BYTES) errors.push(tooLong(fieldPath(''), MAX_DATA_BYTES));
  return errors;
}

function validateUnfrozen(next: ConfigMap, old: ConfigMap): FieldError[] {
  if (!old.immutable) return [];
  const errors: FieldError[] = [];
  if (!next.immutable) errors.push(forbiddenField(fieldPath('immutable'), FROZEN));
  if (!deepEqual(next.data ?? {}, old.data ?? {})) errors.push(forbiddenField(DATA, FROZEN));
  if (!deepEqual(next.binaryData ?? {}, old.binaryData ?? {})) errors.push(forbiddenField(BINARY_DATA, FROZEN));
  return errors;
}
