import {
  fieldPath,
  forbiddenField,
  invalid,
  notSupported,
  required,
  validateFieldManager,
  type FieldError,
} from '@pilothouse/apimachinery';
import { isTrue } from '../request-info.ts';
import type { ApiRequest } from '../request.ts';

export type FieldValidation = 'Strict' | 'Warn' | 'Ignore';

/** Query parameters that every write understands: meta/v1 CreateOptions, UpdateOptions and PatchOptions. */
export interface WriteOptions {
  readonly dryRun: boolean;
  /** Who is to own the fields, as given or made from the user agent. */
  readonly fieldManager: string;
  readonly fieldValidation: FieldValidation;
  /** Server-side apply takes fields over from others. */
  readonly force: boolean;
}

const FIELD_VALIDATIONS = ['Ignore', 'Strict', 'Warn'];

/** Throws 422 when a parameter has a value that upstream refuses. */
export function readWriteOptions(
  request: ApiRequest,
  kind: 'CreateOptions' | 'UpdateOptions' | 'PatchOptions',
): WriteOptions {
  const { query } = request;
  if (kind !== 'PatchOptions' && request.http.url.indexOf('?') < 0)
    return { ...NO_OPTIONS, fieldManager: managerFromUserAgent(request) };
  const errors: FieldError[] = [];
  const dryRun = query.getAll('dryRun').filter((each) => each !== '');
  if (dryRun.some((each) => each !== 'All')) errors.push(notSupported(fieldPath('dryRun'), dryRun, ['All']));
  const fieldValidation = query.get('fieldValidation') || 'Warn';
  if (!FIELD_VALIDATIONS.includes(fieldValidation)) {
    errors.push(notSupported(fieldPath('fieldValidation'), fieldValidation, FIELD_VALIDATIONS));
  }
  const given = query.get('fieldManager') ?? '';
  errors.push(...validateFieldManager(given, fieldPath('fieldManager')));
  if (kind === 'PatchOptions') errors.push(...validateApply(request, given, query.has('force')));
  if (errors.length > 0) throw invalid('meta.k8s.io', kind, '', errors);
  return {
    dryRun: dryRun.length > 0,
    fieldManager: given || managerFromUserAgent(request),
    fieldValidation: fieldValidation as FieldValidation,
    force: isTrue(query.get('force')),
  };
}

/** Server-side apply must say who applies; only it may use force. */
function validateApply({ headers }: ApiRequest, fieldManager: string, forceGiven: boolean): FieldError[] {
  const isApply = headers['content-type']?.startsWith('application/apply-patch') === true;
  if (isApply && fieldManager === '') return [required(fieldPath('fieldManager'), 'is required for apply patch')];
  return !isApply && forceGiven ? [forbiddenField(fieldPath('force'), 'may not be specified for non-apply patch')] : [];
}

const NO_OPTIONS = {
  dryRun: false,
  fieldValidation: 'Warn',
  force: false,
} as const;

const MAX_MANAGER_LENGTH = 128;

/** `kubectl/v1.32.0 (linux/amd64)` → `kubectl` */
function managerFromUserAgent(request: ApiRequest): string {
  const agent = request.headers['user-agent'] ?? '';
  return (agent.split('/')[0] || 'unknown').slice(0, MAX_MANAGER_LENGTH);
}
