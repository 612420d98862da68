import {
  fieldPath,
  invalid,
  notSupported,
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
  readonly fieldManagerGiven: boolean;
  readonly fieldValidation: FieldValidation;
  /** Server-side apply takes fields over from others. */
  readonly force: boolean;
  readonly forceGiven: boolean;
}

const FIELD_VALIDATIONS = ['Ignore', 'Strict', 'Warn'];

/** Throws 422 when a parameter has a value that upstream refuses. */
export function readWriteOptions(request: ApiRequest, kind: 'CreateOptions' | 'UpdateOptions' | 'PatchOptions'): WriteOptions {
  const { query } = request;
  if (request.http.url.indexOf('?') < 0) return { ...NO_OPTIONS, fieldManager: managerFromUserAgent(request) };
  const errors: FieldError[] = [];
  const dryRun = query.getAll('dryRun').filter((each) => each !== '');
  if (dryRun.some((each) => each !== 'All')) errors.push(notSupported(fieldPath('dryRun'), dryRun, ['All']));
  const fieldValidation = query.get('fieldValidation') || 'Warn';
  if (!FIELD_VALIDATIONS.includes(fieldValidation)) {
    errors.push(notSupported(fieldPath('fieldValidation'), fieldValidation, FIELD_VALIDATIONS));
  }
  const given = query.get('fieldManager') ?? '';
  errors.push(...validateFieldManager(given, fieldPath('fieldManager')));
  if (errors.length > 0) throw invalid('meta.k8s.io', kind, '', errors);
  return {
    dryRun: dryRun.length > 0,
    fieldManager: given || managerFromUserAgent(request),
    fieldManagerGiven: given !== '',
    fieldValidation: fieldValidation as FieldValidation,
    force: isTrue(query.get('force')),
    forceGiven: query.has('force'),
  };
}

const NO_OPTIONS = {
  dryRun: false,
  fieldManagerGiven: false,
  fieldValidation: 'Warn',
  force: false,
  forceGiven: false,
} as const;

const MAX_MANAGER_LENGTH = 128;

/** `kubectl/v1.32.0 (linux/amd64)` → `kubectl` */
function managerFromUserAgent(request: ApiRequest): string {
  const agent = request.headers['user-agent'] ?? '';
  return (agent.split('/')[0] || 'unknown').slice(0, MAX_MANAGER_LENGTH);
}

