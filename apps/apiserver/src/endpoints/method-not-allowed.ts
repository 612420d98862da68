import { StatusError } from '@pilothouse/apimachinery';

/** The path exists, but not for this method. */
export function methodNotAllowed(): StatusError {
  return new StatusError({
    message: 'the server does not allow this method on the requested resource',
    reason: 'MethodNotAllowed',
    details: {},
    code: 405,
  });
}
