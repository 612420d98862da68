/**
 * Validation errors with the path of the field, worded as upstream words them
 * (k8s.io/apimachinery/pkg/util/validation/field).
 */
export type FieldErrorType =
  | 'FieldValueNotFound'
  | 'FieldValueRequired'
  | 'FieldValueDuplicate'
  | 'FieldValueInvalid'
  | 'FieldValueNotSupported'
  | 'FieldValueForbidden'
  | 'FieldValueTooLong'
  | 'FieldValueTooMany'
  | 'FieldValueTypeInvalid'
  | 'InternalError';

const HEADLINE: Record<FieldErrorType, string> = {
  FieldValueNotFound: 'Not found',
  FieldValueRequired: 'Required value',
  FieldValueDuplicate: 'Duplicate value',
  FieldValueInvalid: 'Invalid value',
  FieldValueNotSupported: 'Unsupported value',
  FieldValueForbidden: 'Forbidden',
  FieldValueTooLong: 'Too long',
  FieldValueTooMany: 'Too many',
  FieldValueTypeInvalid: 'Invalid value',
  InternalError: 'Internal error',
};

export class FieldError {
  readonly type: FieldErrorType;
  /** `spec.containers[0].image` */
  readonly field: string;
  readonly badValue: unknown;
  readonly detail: string;

  constructor(type: FieldErrorType, field: string, badValue: unknown, detail: string) {
    this.type = type;
    this.field = field;
    this.badValue = badValue;
    this.detail = detail;
  }

  /** The message without the field, as it stands in a cause. */
  body(): string {
    const headline = HEADLINE[this.type];
    const showsValue =
      this.type !== 'FieldValueRequired' &&
      this.type !== 'FieldValueForbidden' &&
      this.type !== 'FieldValueTooLong' &&
      this.type !== 'FieldValueTooMany' &&
      this.type !== 'InternalError';
    const text = showsValue ? `${headline}: ${formatBadValue(this.badValue)}` : headline;
    return this.detail ? `${text}: ${this.detail}` : text;
  }

  toString(): string {
    return `${this.field}: ${this.body()}`;
  }
}

/** Go's `%#v`/`%q`-like rendering that upstream uses for the bad value. */
function formatBadValue(value: unknown): string {
  if (value === undefined || value === null) return 'null';
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'object') return JSON.stringify(value);
  return String(value);
}

/** A path to a field. Immutable; `child` and `index` extend it. */
export class FieldPath {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  child(...names: string[]): FieldPath {
    return new FieldPath(this.text === '' ? names.join('.') : `${this.text}.${names.join('.')}`);
  }

  index(position: number): FieldPath {
    return new FieldPath(`${this.text}[${position}]`);
  }

  key(key: string): FieldPath {
    return new FieldPath(`${this.text}[${key}]`);
  }

  toString(): string {
    return this.text;
  }
}

/** The start of a path: `fieldPath('spec', 'containers')`. */
export function fieldPath(...names: string[]): FieldPath {
  return new FieldPath(names.join('.'));
}

export const required = (path: FieldPath, detail = ''): FieldError =>
  new FieldError('FieldValueRequired', path.text, '', detail);

export const invalidValue = (path: FieldPath, value: unknown, detail: string): FieldError =>
  new FieldError('FieldValueInvalid', path.text, value, detail);

export const typeInvalid = (path: FieldPath, value: unknown, detail: string): FieldError =>
  new FieldError('FieldValueTypeInvalid', path.text, value, detail);

export const notSupported = (path: FieldPath, value: unknown, valid: readonly string[]): FieldError =>
  new FieldError(
    'FieldValueNotSupported',
    path.text,
    value,
    valid.length ? `supported values: ${[...valid].sort().map((each) => JSON.stringify(each)).join(', ')}` : '',
  );

export const forbiddenField = (path: FieldPath, detail: string): FieldError =>
  new FieldError('FieldValueForbidden', path.text, '', detail);

export const duplicate = (path: FieldPath, value: unknown): FieldError =>
  new FieldError('FieldValueDuplicate', path.text, value, '');

export const fieldNotFound = (path: FieldPath, value: unknown): FieldError =>
  new FieldError('FieldValueNotFound', path.text, value, '');

export const tooLong = (path: FieldPath, maxLength: number): FieldError =>
  new FieldError('FieldValueTooLong', path.text, '', `may not be more than ${maxLength} ${maxLength === 1 ? 'byte' : 'bytes'}`);

export const tooMany = (path: FieldPath, actual: number, max: number): FieldError =>
  new FieldError('FieldValueTooMany', path.text, actual, `must have at most ${max} ${max === 1 ? 'item' : 'items'}`);

export const internalFieldError = (path: FieldPath, detail: string): FieldError =>
  new FieldError('InternalError', path.text, null, detail);

/** The field of the whole object, printed by upstream as `<nil>`. */
export const NO_PATH = new FieldPath('<nil>');
