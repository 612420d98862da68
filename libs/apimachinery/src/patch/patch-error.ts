import { StatusError } from '../errors/status-error.ts';

/**
 * A patch that reads well but cannot be applied. Upstream says no more than this to the client; what exactly was
 * wrong is kept as the error's `cause`, for the log.
 */
export function unprocessablePatch(why: string): StatusError {
  const error = new StatusError({
    message: 'the server rejected our request due to an error in our request',
    reason: 'Invalid',
    details: {},
    code: 422,
  });
  error.cause = why;
  return error;
}

/** The word encoding/json has for a JSON value of the wrong kind. */
export function jsonKind(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (Array.isArray(value)) return 'array';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}
