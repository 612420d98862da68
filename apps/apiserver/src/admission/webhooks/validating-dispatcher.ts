import { internalError } from '@pilothouse/apimachinery';
import type { AdmissionAttributes } from '../attributes.ts';
import { callWebhook } from './call-webhook.ts';
import { toInvokedVersion, type Invocation } from './invocation.ts';
import { meetsConditions } from './meets-conditions.ts';
import { selectHook } from './select-hook.ts';
import { WebhookCallError } from './webhook-errors.ts';
import type { Webhook, WebhookHook } from './webhook-hook.ts';
import type { WebhookServices } from './webhook-services.ts';

const FAILED_OPEN = 'failed-open.validating.webhook.admission.k8s.io/';

/** Calls all webhooks that want to hear of a request at once. The first refusal, in their order, is the answer. */
export async function dispatchValidating(
  hooks: readonly WebhookHook[],
  attributes: AdmissionAttributes,
  services: WebhookServices,
): Promise<void> {
  const relevant: { readonly webhook: Webhook; readonly invocation: Invocation }[] = [];
  for (const { webhook, ...hook } of hooks) {
    const invocation = await selectHook({ webhook, ...hook }, attributes, services.resources);
    if (invocation && (await meetsConditions(webhook, attributes, invocation, services.authorizer))) {
      relevant.push({ webhook, invocation });
    }
  }
  if (relevant.length === 0) return;
  const results = await Promise.allSettled(
    relevant.map(({ webhook, invocation }, index) =>
      services.metrics.webhook(webhook.name, 'validating', attributes.operation, () =>
        callTolerantly(webhook, attributes, invocation, services, index),
      ),
    ),
  );
  for (const result of results) if (result.status === 'rejected') throw result.reason;
}

async function callTolerantly(
  webhook: Webhook,
  attributes: AdmissionAttributes,
  invocation: Invocation,
  { client }: WebhookServices,
  index: number,
): Promise<void> {
  const object = await toInvokedVersion(invocation, attributes.object);
  const oldObject = await toInvokedVersion(invocation, attributes.oldObject);
  try {
    await callWebhook(client, { webhook, mutating: false, attributes, invocation, object, oldObject });
  } catch (error) {
    if (!(error instanceof WebhookCallError)) throw error;
    if (webhook.failurePolicy !== 'Ignore') throw internalError(error);
    attributes.annotate?.(`${FAILED_OPEN}round_0_index_${index}`, webhook.name);
  }
}
