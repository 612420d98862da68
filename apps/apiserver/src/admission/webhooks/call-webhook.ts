import { randomUUID } from 'node:crypto';
import { badRequest, type KubeObject } from '@pilothouse/apimachinery';
import type { AdmissionAttributes } from '../attributes.ts';
import { admissionRequest, readReview, reviewVersion, UnsupportedPatchType, type Verdict } from './admission-review.ts';
import { answerError } from './answer-error.ts';
import type { Invocation } from './invocation.ts';
import type { WebhookClient } from './webhook-client.ts';
import { deniedBy, WebhookCallError } from './webhook-errors.ts';
import type { Webhook } from './webhook-hook.ts';

const DEFAULT_TIMEOUT_SECONDS = 10;

export interface WebhookCall {
  readonly webhook: Webhook;
  readonly mutating: boolean;
  readonly attributes: AdmissionAttributes;
  readonly invocation: Invocation;
  /** In the invocation's version. */
  readonly object?: KubeObject | undefined;
  readonly oldObject?: KubeObject | undefined;
}

/**
 * Asks one webhook. Throws WebhookCallError when it could not be asked, and a StatusError when it says no or may not be
 * asked in a dry run. Returns its patch.
 */
export async function callWebhook(client: WebhookClient, call: WebhookCall): Promise<Buffer | undefined> {
  const { webhook, attributes } = call;
  const version = reviewVersion(webhook.admissionReviewVersions);
  if (version === undefined) {
    const why =
      'could not create admission objects: webhook does not accept known AdmissionReview versions (v1, v1beta1)';
    throw new WebhookCallError(webhook.name, why);
  }
  if (attributes.dryRun) requireNoSideEffects(webhook);
  const verdict = await ask(client, call, version);
  for (const [key, value] of Object.entries(verdict.auditAnnotations))
    attributes.annotate?.(`${webhook.name}/${key}`, value);
  for (const warning of verdict.warnings) attributes.warn(warning);
  if (!verdict.allowed) throw deniedBy(webhook.name, verdict.status);
  return verdict.patch;
}

function requireNoSideEffects({ name, sideEffects }: Webhook): void {
  if (sideEffects === undefined || sideEffects === null) throw new WebhookCallError(name, 'Webhook SideEffects is nil');
  if (sideEffects !== 'None' && sideEffects !== 'NoneOnDryRun') {
    throw badRequest(`admission webhook ${JSON.stringify(name)} does not support dry run`);
  }
}

async function ask(client: WebhookClient, call: WebhookCall, version: string): Promise<Verdict> {
  const { webhook, mutating } = call;
  const uid = randomUUID();
  const request = admissionRequest(uid, call.attributes, call.invocation, call);
  const review = { kind: 'AdmissionReview', apiVersion: `admission.k8s.io/${version}`, request };
  const timeoutMs = (webhook.timeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS) * 1000;
  const answer = await post(client, webhook, Buffer.from(JSON.stringify(review)), timeoutMs);
  try {
    return readReview(uid, version, mutating, answer);
  } catch (error) {
    if (error instanceof UnsupportedPatchType) throw new WebhookCallError(webhook.name, error.message);
    throw new WebhookCallError(webhook.name, `received invalid webhook response: ${(error as Error).message}`);
  }
}

async function post(
  client: WebhookClient,
  { name, clientConfig }: Webhook,
  body: Buffer,
  timeoutMs: number,
): Promise<unknown> {
  try {
    const answer = await client.post(clientConfig, body, timeoutMs);
    const failure = answerError(answer);
    if (failure !== undefined) throw new Error(failure);
    return parse(answer.body.toString());
  } catch (error) {
    throw new WebhookCallError(name, `failed to call webhook: ${(error as Error).message}`);
  }
}

function parse(text: string): object {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new Error(`couldn't get version/kind; json parse error: ${(error as Error).message}`);
  }
  if (typeof value !== 'object' || value === null) throw new Error("Object 'Kind' is missing");
  return value;
}
