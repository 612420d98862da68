import type { WebhookAnswer } from './webhook-client.ts';

const MAX_SHOWN_BYTES = 2048;

const MEANINGS: Readonly<Record<number, string>> = {
  400: 'the server rejected our request for an unknown reason',
  401: 'the server has asked for the client to provide credentials',
  404: 'the server could not find the requested resource',
  405: 'the server does not allow this method on the requested resource',
  406: 'the server was unable to respond with a content type that the client supports',
  409: 'the server reported a conflict',
  413: 'Request entity too large',
  415: 'the server responded with the status code 415 but did not return more information',
  422: 'the server rejected our request due to an error in our request',
  429: 'the server has received too many requests and has asked us to try again later',
  503: 'the server is currently unable to handle the request',
  504: 'the server was unable to return a response in the time allotted, but may still be processing the request',
};

/** What an answer other than 2xx means, as upstream's REST client puts it; undefined when it is fine. */
export function answerError({ code, contentType, body }: WebhookAnswer): string | undefined {
  if (code >= 200 && code <= 206) return undefined;
  const status = statusOf(contentType, body);
  if (status !== undefined) return status;
  const text = contentType.startsWith('text/') ? body.toString().trim().slice(0, MAX_SHOWN_BYTES) : '';
  if (code === 403) return text || 'unknown';
  const meaning = MEANINGS[code];
  if (meaning !== undefined) return meaning;
  if (code >= 500)
    return `an error on the server (${JSON.stringify(text || 'unknown')}) has prevented the request from succeeding`;
  return `the server responded with the status code ${code} but did not return more information`;
}

/** A Status in the body speaks for itself. */
function statusOf(contentType: string, body: Buffer): string | undefined {
  if (!contentType.includes('json')) return undefined;
  try {
    const { kind, status, message } = JSON.parse(body.toString()) as Record<string, string>;
    return kind === 'Status' && status !== 'Success' ? (message ?? '') : undefined;
  } catch {
    return undefined;
  }
}
