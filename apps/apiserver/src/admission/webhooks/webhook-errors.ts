import { StatusError, type Status } from '@pilothouse/apimachinery';

/** The webhook could not be asked, or did not answer as it must: `failurePolicy` decides what that means. */
export class WebhookCallError extends Error {
  constructor(webhook: string, reason: string) {
    super(`failed calling webhook ${JSON.stringify(webhook)}: ${reason}`);
    this.name = 'WebhookCallError';
  }
}

/** What the client gets when a webhook says no: the webhook's own status, made to be a failure. */
export function deniedBy(webhook: string, result: Partial<Status> | undefined): StatusError {
  const denied = `admission webhook ${JSON.stringify(webhook)} denied the request`;
  const explanation = result?.message || result?.reason;
  const { kind: _kind, apiVersion: _apiVersion, metadata: _metadata, status: _status, ...given } = result ?? {};
  return new StatusError({
    ...given,
    message: explanation ? `${denied}: ${explanation}` : `${denied} without explanation`,
    code: Math.max(result?.code ?? 0, 400),
  });
}
