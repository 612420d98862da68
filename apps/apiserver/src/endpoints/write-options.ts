import {
  invalid,
  validatePatchOptions,
  validateWriteOptions,
  type PatchRequestOptions,
} from '@pilothouse/apimachinery';
import type { ApiRequest } from '../request.ts';
import { booleanValue } from './query-values.ts';

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

/** Throws 422 when a parameter has a value that upstream refuses. */
export function readWriteOptions(
  request: ApiRequest,
  kind: 'CreateOptions' | 'UpdateOptions' | 'PatchOptions',
): WriteOptions {
  if (kind !== 'PatchOptions' && request.http.url.indexOf('?') < 0)
    return { ...NO_OPTIONS, fieldManager: managerFromUserAgent(request) };
  const given = givenOptions(request.query);
  const errors = kind === 'PatchOptions' ? validatePatchOptions(given, isApply(request)) : validateWriteOptions(given);
  if (errors.length > 0) throw invalid('meta.k8s.io', kind, '', errors);
  return {
    dryRun: (given.dryRun ?? []).length > 0,
    fieldManager: given.fieldManager || managerFromUserAgent(request),
    fieldValidation: (given.fieldValidation || 'Warn') as FieldValidation,
    force: given.force ?? false,
  };
}

function givenOptions(query: URLSearchParams): PatchRequestOptions {
  const force = booleanValue(query, 'force');
  return {
    dryRun: query.getAll('dryRun'),
    fieldManager: query.get('fieldManager') ?? '',
    fieldValidation: query.get('fieldValidation') ?? '',
    ...(force === undefined ? {} : { force }),
  };
}

function isApply({ headers }: ApiRequest): boolean {
  return headers['content-type']?.startsWith('application/apply-patch') === true;
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
