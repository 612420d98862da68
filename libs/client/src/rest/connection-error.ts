import { StatusError } from '@pilothouse/apimachinery';
import { TransportError } from '../transport/transport.ts';

/** A request that got no answer, worded as Go words it: `Get "https://…": dial …: connection refused`. */
export function connectionError(method: string, url: string, cause: unknown): StatusError {
  const verb = method[0] + method.slice(1).toLowerCase();
  const why = cause instanceof Error ? cause.message : String(cause);
  const error = new StatusError({ message: `${verb} "${url}": ${why}`, reason: 'ServiceUnavailable', code: 503 });
  error.cause = cause;
  return error;
}

/** The server was not reached, or the connection broke before its answer. */
export function isConnectionError(error: unknown): boolean {
  return error instanceof TransportError || (error instanceof StatusError && error.cause instanceof TransportError);
}
