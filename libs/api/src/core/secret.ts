import {
  deepEqual,
  type FieldError,
  fieldPath,
  forbiddenField,
  invalidValue,
  isConfigMapKey,
  required,
  tooLong,
  validateImmutableField,
} from '@pilothouse/apimachinery';
import type { Secret } from '@pilothouse/api';
import type { KindBehaviour } from '../kind.ts';
import { ageColumn, column, nameColumn } from '../printing/index.ts';
import { base64ByteLength, MAX_DATA_BYTES } from './validation/data-size.ts';
import { parseJsonText } from './validation/json-text.ts';
import { pushInvalid } from './validation/push-invalid.ts';
import { tlsPairProblem } from './validation/tls-pair.ts';
import { SERVICE_ACCOUNT_NAME_ANNOTATION } from './well-known.ts';

const DATA = fieldPath('data');
const FROZEN = 'field is immutable when `immutable` is set';

export const secret: KindBehaviour<Secret> = {
  group: '',
  kind: 'Secret',
  defaults: (each) => {
    mergeStringData(each);
    each.type ||= 'Opaque';
  },
  columns: [
    nameColumn,
    column<Secret>('Type', ({ type }) => type ?? ''),
    column<Secret>('Data', ({ data = {} }) => Object.keys(data).length),
    ageColumn,
  ],
  strategy: {
    prepareForUpdate: (next: Secret, old: Secret) => {
      if (!next.type && old.type) next.type = old.type;
    },
    validate: validateSecret,
    validateUpdate: (next: Secret, old: Secret) => [
      ...validateImmutableField(next.type, old.type, fieldPath('type')),
      ...validateUnfrozen(next, old),
    ],
    updateChecks: ['metadataUpdate', 'update', 'metadata', 'object'],
    warnings: ({ type, data = {} }: Secret) => {
      if (type !== 'kubernetes.io/tls') return [];
      const problem = tlsPairProblem(bytesOf(data['tls.crt']), bytesOf(data['tls.key']));
      return problem ? [problem] : [];
    },
    allowUnconditionalUpdate: true,
    selectableFields: {
      'metadata.name': ({ metadata }: Secret) => metadata.name ?? '',
      'metadata.namespace': ({ metadata }: Secret) => metadata.namespace ?? '',
      type: ({ type }: Secret) => type ?? '',
    },
    exactFieldLabels: true,
  },
};

const bytesOf = (encoded = ''): Buffer => Buffer.from(encoded, 'base64');

/** `stringData` is for people who write; it is stored, and read, as `data`. */
function mergeStringData(each: Secret): void {
  if (each.stringData === undefined) return;
  const data = (each.data ??= {});
  for (const [key, value] of Object.entries(each.stringData)) data[key] = Buffer.from(value).toString('base64');
  delete each.stringData;
}

function validateSecret(each: Secret): FieldError[] {
  const errors: FieldError[] = [];
  const data = each.data ?? {};
  let bytes = 0;
  for (const [key, value] of Object.entries(data)) {
    pushInvalid(errors, DATA.key(key), key, isConfigMapKey(key));
    bytes += base64ByteLength(value);
  }
  if (bytes > MAX_DATA_BYTES) errors.push(tooLong(DATA, MAX_DATA_BYTES));
  validateTypedData(each, data, errors);
  return errors;
}

/** What the built-in types promise to those who mount them. */
function validateTypedData({ type, metadata }: Secret, data: Record<string, string>, errors: FieldError[]): void {
  const needs = (key: string): void => {
    if (!Object.hasOwn(data, key)) errors.push(required(DATA.key(key)));
  };
  switch (type) {
    case 'kubernetes.io/service-account-token':
      if (!metadata.annotations?.[SERVICE_ACCOUNT_NAME_ANNOTATION]) {
        errors.push(required(fieldPath('metadata', 'annotations').key(SERVICE_ACCOUNT_NAME_ANNOTATION)));
      }
      break;
    case 'kubernetes.io/dockercfg':
      needs('.dockercfg');
      validateJsonObject('.dockercfg', data, errors);
      break;
    case 'kubernetes.io/dockerconfigjson':
      needs('.dockerconfigjson');
      validateJsonObject('.dockerconfigjson', data, errors);
      break;
    case 'kubernetes.io/basic-auth':
      if (!Object.hasOwn(data, 'username') && !Object.hasOwn(data, 'password')) ['username', 'password'].forEach(needs);
      break;
    case 'kubernetes.io/ssh-auth':
      if (!data['ssh-privatekey']) errors.push(required(DATA.key('ssh-privatekey')));
      break;
    case 'kubernetes.io/tls':
      ['tls.crt', 'tls.key'].forEach(needs);
      break;
    default:
      break;
  }
}

function validateJsonObject(key: string, data: Record<string, string>, errors: FieldError[]): void {
  const encoded = data[key];
  if (encoded === undefined) return;
  // What is wrong is said without the text, which is secret.
  const parsed = parseJsonText(Buffer.from(encoded, 'base64').toString(), 'map[string]interface {}');
  if ('problem' in parsed) errors.push(invalidValue(DATA.key(key), '<secret contents redacted>', parsed.problem));
}

function validateUnfrozen(next: Secret, old: Secret): FieldError[] {
  if (!old.immutable) return [];
  const errors: FieldError[] = [];
  if (!next.immutable) errors.push(forbiddenField(fieldPath('immutable'), FROZEN));
  if (!deepEqual(next.data ?? {}, old.data ?? {})) errors.push(forbiddenField(DATA, FROZEN));
  return errors;
}
