import { StatusError, type KubeObject, type Status } from '@pilothouse/apimachinery';

/** What was asked, for the message of an error that the server did not explain itself. */
export interface Asked {
  readonly method: string;
  readonly group: string;
  readonly resource: string;
  readonly name?: string;
}

/** The server's own Status, as decoded, as an error. */
export function statusToError(status: KubeObject, httpStatus: number): StatusError {
  const { message, reason, details, code } = status as Partial<Status>;
  return new StatusError({ message, reason, details, code: code || httpStatus });
}

interface Meaning {
  readonly reason: string;
  /** Undefined: the server's own text. */
  readonly message?: string;
}

/** Reasons and messages for answers without a Status body, as client-go's NewGenericServerResponse words them. */
const MEANINGS: Readonly<Record<number, Meaning>> = {
  400: { reason: 'BadRequest', message: 'the server rejected our request for an unknown reason' },
  401: { reason: 'Unauthorized', message: 'the server has asked for the client to provide credentials' },
  403: { reason: 'Forbidden' },
  404: { reason: 'NotFound', message: 'the server could not find the requested resource' },
  405: { reason: 'MethodNotAllowed', message: 'the server does not allow this method on the requested resource' },
  406: { reason: 'NotAcceptable' },
  409: { reason: 'Conflict', message: 'the server reported a conflict' },
  410: { reason: 'Expired' },
  413: { reason: 'RequestEntityTooLarge' },
  415: { reason: 'UnsupportedMediaType' },
  422: { reason: 'Invalid', message: 'the server rejected our request due to an error in our request' },
  429: {
    reason: 'TooManyRequests',
    message: 'the server has received too many requests and has asked us to try again later',
  },
  503: { reason: 'ServiceUnavailable', message: 'the server is currently unable to handle the request' },
  504: {
    reason: 'Timeout',
    message: 'the server was unable to return a response in the time allotted, but may still be processing the request',
  },
};

/** Makes an error of an answer that is not a Status: a proxy's page, a plain-text 404. */
export function errorFromResponse(httpStatus: number, body: string, asked: Asked, retryAfterSeconds = 0): StatusError {
  const { method, group, resource, name } = asked;
  const text = body.trim() || 'unknown';
  const meaning = MEANINGS[httpStatus] ?? {
    reason: httpStatus >= 500 ? 'InternalError' : 'Unknown',
    message:
      httpStatus >= 500
        ? `an error on the server (${JSON.stringify(text)}) has prevented the request from succeeding`
        : `the server responded with the status code ${httpStatus} but did not return more information`,
  };
  const reason = httpStatus === 409 && method === 'POST' ? 'AlreadyExists' : meaning.reason;
  const verb = method.toLowerCase();
  const resourceName = group ? `${resource}.${group}` : resource;
  const target = resource ? (name ? ` (${verb} ${resourceName} ${name})` : ` (${verb} ${resourceName})`) : '';
  return new StatusError({
    message: `${meaning.message ?? text}${target}`,
    reason,
    details: {
      ...(name ? { name } : {}),
      ...(group ? { group } : {}),
      ...(resource ? { kind: resource } : {}),
      causes: [{ reason: 'UnexpectedServerResponse', message: text }],
      ...(retryAfterSeconds ? { retryAfterSeconds } : {}),
    },
    code: httpStatus,
  });
}
