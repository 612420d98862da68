import { formatGroupKind, formatGroupResource } from '../meta/group-version.ts';
import type { FieldError } from '../validation/field-error.ts';
import type { ListMeta } from '../meta/object.ts';

/** What every failed request answers with. https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/ */
export interface Status {
  kind: 'Status';
  apiVersion: 'v1';
  metadata: ListMeta;
  status: 'Success' | 'Failure';
  message?: string;
  reason?: string;
  details?: StatusDetails;
  code?: number;
}

export interface StatusDetails {
  name?: string;
  group?: string;
  kind?: string;
  uid?: string;
  causes?: StatusCause[];
  retryAfterSeconds?: number;
}

export interface StatusCause {
  reason?: string;
  message?: string;
  field?: string;
}

/** The one error type that goes on the wire. Anything else thrown while a request is served becomes a 500. */
export class StatusError extends Error {
  readonly status: Status;

  constructor(status: Omit<Status, 'kind' | 'apiVersion' | 'metadata' | 'status'>) {
    super(status.message);
    this.name = 'StatusError';
    this.status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', ...status };
  }

  get code(): number {
    return this.status.code ?? 500;
  }

  get reason(): string {
    return this.status.reason ?? '';
  }
}

interface Resource {
  readonly group: string;
  readonly resource: string;
}

function details({ group, resource }: Resource, name?: string): StatusDetails {
  return { ...(name ? { name } : {}), ...(group ? { group } : {}), kind: resource };
}

export function notFound(resource: Resource, name: string): StatusError {
  const message = `${formatGroupResource(resource.group, resource.resource)} "${name}" not found`;
  return new StatusError({ message, reason: 'NotFound', details: details(resource, name), code: 404 });
}

export function alreadyExists(resource: Resource, name: string): StatusError {
  const message = `${formatGroupResource(resource.group, resource.resource)} "${name}" already exists`;
  return new StatusError({ message, reason: 'AlreadyExists', details: details(resource, name), code: 409 });
}

export function conflict(resource: Resource, name: string, why: string): StatusError {
  const message = `Operation cannot be fulfilled on ${formatGroupResource(resource.group, resource.resource)} "${name}": ${why}`;
  return new StatusError({ message, reason: 'Conflict', details: details(resource, name), code: 409 });
}

/** The text of every optimistic-lock conflict. */
export const OPTIMISTIC_LOCK_MESSAGE =
  'the object has been modified; please apply your changes to the latest version and try again';

/** `kind` here is a kind, not a resource: upstream words this one by kind. */
export function invalid(group: string, kind: string, name: string, errors: readonly FieldError[]): StatusError {
  const texts = errors.map((error) => error.toString());
  // Upstream aggregates: equal messages are said once, one stands alone, several are listed in brackets.
  const unique = [...new Set(texts)];
  const list = unique.length === 1 ? unique[0] : `[${unique.join(', ')}]`;
  return new StatusError({
    message: `${formatGroupKind(group, kind)} "${name}" is invalid${unique.length ? `: ${list}` : ''}`,
    reason: 'Invalid',
    details: {
      ...(name ? { name } : {}),
      ...(group ? { group } : {}),
      ...(kind ? { kind } : {}),
      ...(errors.length
        ? { causes: errors.map((error) => ({ reason: error.type, message: error.body(), field: error.field })) }
        : {}),
    },
    code: 422,
  });
}

export function badRequest(message: string): StatusError {
  return new StatusError({ message, reason: 'BadRequest', code: 400 });
}

export function unauthorized(message = 'Unauthorized'): StatusError {
  return new StatusError({ message, reason: 'Unauthorized', code: 401 });
}

export function forbidden(resource: Resource, name: string, why: string): StatusError {
  const target = resource.resource
    ? name
      ? `${formatGroupResource(resource.group, resource.resource)} "${name}" is forbidden`
      : `${formatGroupResource(resource.group, resource.resource)} is forbidden`
    : 'forbidden';
  return new StatusError({
    message: `${target}: ${why}`,
    reason: 'Forbidden',
    details: details(resource, name),
    code: 403,
  });
}

export function methodNotSupported(resource: Resource, action: string): StatusError {
  const message = `${action} is not supported on resources of kind "${formatGroupResource(resource.group, resource.resource)}"`;
  return new StatusError({ message, reason: 'MethodNotAllowed', details: details(resource), code: 405 });
}

export function notAcceptable(accepted: readonly string[]): StatusError {
  const message = `only the following media types are accepted: ${accepted.join(', ')}`;
  return new StatusError({ message, reason: 'NotAcceptable', code: 406 });
}

export function unsupportedMediaType(accepted: readonly string[]): StatusError {
  const message = `the body of the request was in an unknown format - accepted media types include: ${accepted.join(', ')}`;
  return new StatusError({ message, reason: 'UnsupportedMediaType', code: 415 });
}

/** The resource version asked for is gone: the client must list again. */
export function expired(message: string): StatusError {
  return new StatusError({ message, reason: 'Expired', code: 410 });
}

export function requestEntityTooLarge(message: string): StatusError {
  return new StatusError({ message, reason: 'RequestEntityTooLarge', code: 413 });
}

export function tooManyRequests(message: string, retryAfterSeconds: number): StatusError {
  return new StatusError({ message, reason: 'TooManyRequests', details: { retryAfterSeconds }, code: 429 });
}

export function serverTimeout(resource: Resource, operation: string, retryAfterSeconds: number): StatusError {
  const message = `The ${operation} operation against ${formatGroupResource(resource.group, resource.resource)} could not be completed at this time, please try again.`;
  return new StatusError({
    message,
    reason: 'ServerTimeout',
    details: { ...details(resource, operation), retryAfterSeconds },
    code: 500,
  });
}

export function timeout(message: string, retryAfterSeconds = 0): StatusError {
  return new StatusError({
    message: `Timeout: ${message}`,
    reason: 'Timeout',
    details: retryAfterSeconds ? { retryAfterSeconds } : {},
    code: 504,
  });
}

export function serviceUnavailable(message: string): StatusError {
  return new StatusError({ message, reason: 'ServiceUnavailable', code: 503 });
}

export function internalError(error: unknown): StatusError {
  const text = error instanceof Error ? error.message : String(error);
  return new StatusError({
    message: `Internal error occurred: ${text}`,
    reason: 'InternalError',
    details: { causes: [{ message: text }] },
    code: 500,
  });
}

/** A path that no handler serves. */
export function pathNotFound(): StatusError {
  return new StatusError({
    message: 'the server could not find the requested resource',
    reason: 'NotFound',
    details: {},
    code: 404,
  });
}

function hasReason(error: unknown, reason: string): boolean {
  return error instanceof StatusError && error.reason === reason;
}

export const isNotFound = (error: unknown): boolean => hasReason(error, 'NotFound');
export const isAlreadyExists = (error: unknown): boolean => hasReason(error, 'AlreadyExists');
export const isConflict = (error: unknown): boolean => hasReason(error, 'Conflict');
export const isInvalid = (error: unknown): boolean => hasReason(error, 'Invalid');
export const isForbidden = (error: unknown): boolean => hasReason(error, 'Forbidden');
/** 410: both the reason of a list or watch (`Expired`) and the older `Gone`. */
export const isExpired = (error: unknown): boolean => hasReason(error, 'Expired') || hasReason(error, 'Gone');
export const isTooManyRequests = (error: unknown): boolean => hasReason(error, 'TooManyRequests');
