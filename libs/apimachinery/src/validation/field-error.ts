import { goNumber } from '../patch/go-format.ts';
import { goQuote } from './go-quote.ts';

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
    const text =
      VALUELESS.has(this.type) || this.badValue === OMIT_VALUE
        ? headline
        : `${headline}: ${formatBadValue(this.badValue)}`;
    return this.detail ? `${text}: ${this.detail}` : text;
  }

  toString(): string {
    return `${this.field}: ${this.body()}`;
  }
}

/** Stands for a bad value that would only be noise. Upstream: field.OmitValueType. */
export const OMIT_VALUE = Symbol('omitted');

/** Errors that do not repeat the value: it is missing, secret, or too big to print. */
const VALUELESS: ReadonlySet<FieldErrorType> = new Set<FieldErrorType>([
  'FieldValueRequired',
  'FieldValueForbidden',
  'FieldValueTooLong',
  'InternalError',
]);

/** Go's rendering that upstream uses for the bad value: strings quoted, numbers bare, the rest as JSON. */
function formatBadValue(value: unknown): string {
  if (typeof value === 'string') return goQuote(value);
  if (typeof value === 'object' || value === undefined) return jsonLikeGo(value ?? null);
  return typeof value === 'number' ? goNumber(value) : String(value);
}

/**
 * A string of a type of its own, as enumerations and resource names are upstream: those are shown as JSON. The two ways
 * of quoting differ for `<`, `>`, `&` and control characters.
 */
export const namedString = (text: string): { toJSON(): string } => ({ toJSON: () => text });

/** JSON as Go's encoder writes it, safe inside HTML. */
function jsonLikeGo(value: unknown): string {
  return JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/**
 * A path to a field. Immutable; `child`, `index` and `key` extend it. It keeps only its last segment and its parent,
 * and is put into words when an error needs it: validation of a correct object walks hundreds of paths and prints none.
 */
export class FieldPath {
  private readonly segment: string | number;
  private readonly kind: 'child' | 'index' | 'key';
  private readonly parent: FieldPath | undefined;

  constructor(segment: string | number, kind: 'child' | 'index' | 'key' = 'child', parent?: FieldPath) {
    this.segment = segment;
    this.kind = kind;
    this.parent = parent;
  }

  child(name: string, ...more: string[]): FieldPath {
    let path = new FieldPath(name, 'child', this);
    for (const each of more) path = new FieldPath(each, 'child', path);
    return path;
  }

  index(position: number): FieldPath {
    return new FieldPath(position, 'index', this);
  }

  key(key: string): FieldPath {
    return new FieldPath(key, 'key', this);
  }

  /** `spec.containers[0].image`. A name that is empty reads `[]`: upstream's path of the whole object. */
  get text(): string {
    const before = this.parent === undefined || this.parent === NO_PATH ? '' : this.parent.text;
    if (this.kind !== 'child' || this.segment === '') return `${before}[${this.segment}]`;
    return before === '' ? String(this.segment) : `${before}.${this.segment}`;
  }

  toString(): string {
    return this.text;
  }
}

/** The start of a path: `fieldPath('spec', 'containers')`. */
export function fieldPath(...names: string[]): FieldPath {
  let path: FieldPath | undefined;
  for (const name of names) path = new FieldPath(name, 'child', path);
  return path ?? new FieldPath('');
}

export const required = (path: FieldPath, detail = ''): FieldError =>
  new FieldError('FieldValueRequired', path.text, '', detail);

export const invalidValue = (path: FieldPath, value: unknown, detail: string): FieldError =>
  new FieldError('FieldValueInvalid', path.text, value, detail);

export const typeInvalid = (path: FieldPath, value: unknown, detail: string): FieldError =>
  new FieldError('FieldValueTypeInvalid', path.text, value, detail);

/** The valid values are told in the order given: upstream sorts sets, but not lists. */
export const notSupported = (path: FieldPath, value: unknown, valid: readonly string[]): FieldError =>
  new FieldError(
    'FieldValueNotSupported',
    path.text,
    typeof value === 'string' ? namedString(value) : value,
    valid.length ? `supported values: ${valid.map((each) => JSON.stringify(each)).join(', ')}` : '',
  );

export const forbiddenField = (path: FieldPath, detail: string): FieldError =>
  new FieldError('FieldValueForbidden', path.text, '', detail);

export const duplicate = (path: FieldPath, value: unknown): FieldError =>
  new FieldError('FieldValueDuplicate', path.text, value, '');

export const fieldNotFound = (path: FieldPath, value: unknown): FieldError =>
  new FieldError('FieldValueNotFound', path.text, value, '');

export const tooLong = (path: FieldPath, maxLength: number): FieldError =>
  new FieldError(
    'FieldValueTooLong',
    path.text,
    '',
    `may not be more than ${maxLength} ${maxLength === 1 ? 'byte' : 'bytes'}`,
  );

export const tooMany = (path: FieldPath, actual: number, max: number): FieldError =>
  new FieldError('FieldValueTooMany', path.text, actual, `must have at most ${max} ${max === 1 ? 'item' : 'items'}`);

export const internalFieldError = (path: FieldPath, detail: string): FieldError =>
  new FieldError('InternalError', path.text, null, detail);

/** The field of the whole object, printed by upstream as `<nil>`. */
export const NO_PATH = new FieldPath('<nil>');
