import { methodNotSupported, StatusError } from '@pilothouse/apimachinery';
import type { Target } from './target.ts';

/** The path exists, but not for this method. */
export function methodNotAllowed(): StatusError {
  return new StatusError({
    message: 'the server does not allow this method on the requested resource',
    reason: 'MethodNotAllowed',
    details: {},
    code: 405,
  });
}

/** The same of one resource: upstream's router says it of built-in ones, and the handler of custom ones names theirs. */
export function refusedMethod({ resource, served }: Target, verb: string): StatusError {
  return served.version.schema.wire ? methodNotAllowed() : methodNotSupported(resource.definition, verb);
}
