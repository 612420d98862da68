import {
  applyJsonPatch,
  decodeJsonPatch,
  decodeJsonValue,
  deepEqual,
  internalError,
  type KubeObject,
} from '@pilothouse/apimachinery';
import { codecFor } from '../../printing/meta-codecs.ts';
import type { AdmissionAttributes } from '../attributes.ts';
import type { Reinvocation } from '../reinvocation.ts';
import { callWebhook } from './call-webhook.ts';
import { fromInvokedVersion, toInvokedVersion, type Invocation } from './invocation.ts';
import { MutationNotes } from './mutation-notes.ts';
import { meetsConditions } from './meets-conditions.ts';
import { replaceObject } from './replace-object.ts';
import { selectHook } from './select-hook.ts';
import type { WebhookServices } from './webhook-services.ts';
import { WebhookCallError } from './webhook-errors.ts';
import type { Webhook, WebhookHook } from './webhook-hook.ts';

const PLUGIN = 'MutatingAdmissionWebhook';

/** Calls those webhooks that want to hear of a request one after the other; each sees what those before it changed. */
export async function dispatchMutating(
  hooks: readonly WebhookHook[],
  attributes: AdmissionAttributes,
  reinvocation: Reinvocation,
  services: WebhookServices,
): Promise<void> {
  const round = reinvocation.roundOf(PLUGIN);
  if (reinvocation.isSecond && round.hasChanged(attributes.object)) round.requireAgain();
  for (const [index, hook] of hooks.entries()) {
    const invocation = await selectHook(hook, attributes, services.resources);
    if (invocation === undefined || !(await meetsConditions(hook.webhook, attributes, invocation, services.authorizer)))
      continue;
    // Who was not called in the first pass is not called in the second, even if the object matches now.
    if (reinvocation.isSecond && !round.isRequired(hook.id)) continue;
    const notes = new MutationNotes(attributes, hook, reinvocation.isSecond ? 1 : 0, index);
    const changed = await services.metrics.webhook(hook.webhook.name, 'admit', attributes.operation, () =>
      callTolerantly(hook.webhook, attributes, invocation, services, notes),
    );
    notes.called(changed);
    if (changed) {
      round.requireAgain();
      reinvocation.want();
    }
    if ('reinvocationPolicy' in hook.webhook && hook.webhook.reinvocationPolicy === 'IfNeeded')
      round.markInvoked(hook.id);
  }
  round.finish(attributes.object);
}

/** Whether the object is another one now. Failures of the call itself are passed over when the policy says so. */
async function callTolerantly(
  webhook: Webhook,
  attributes: AdmissionAttributes,
  invocation: Invocation,
  services: WebhookServices,
  notes: MutationNotes,
): Promise<boolean> {
  try {
    return await callOne(webhook, attributes, invocation, services, notes);
  } catch (error) {
    if (!(error instanceof WebhookCallError)) throw error;
    if (webhook.failurePolicy !== 'Ignore') throw internalError(error);
    notes.failedOpen();
    return false;
  }
}

async function callOne(
  webhook: Webhook,
  attributes: AdmissionAttributes,
  invocation: Invocation,
  { client }: WebhookServices,
  notes: MutationNotes,
): Promise<boolean> {
  const before = await toInvokedVersion(invocation, attributes.object);
  const oldObject = await toInvokedVersion(invocation, attributes.oldObject);
  const bytes = await callWebhook(client, {
    webhook,
    mutating: true,
    attributes,
    invocation,
    object: before,
    oldObject,
  });
  if (bytes === undefined) return false;
  const patch = decodePatch(bytes);
  if (patch.length === 0) return false;
  if (before === undefined) {
    const why = `admission webhook ${JSON.stringify(webhook.name)} attempted to modify the object, which is not supported for this operation`;
    throw internalError(new Error(why));
  }
  const after = patched(before, patch, invocation);
  if (deepEqual(before, after)) return false;
  notes.patched(patch);
  replaceObject(attributes.object!, await fromInvokedVersion(invocation, after, attributes));
  return true;
}

function decodePatch(bytes: Buffer): ReturnType<typeof decodeJsonPatch> {
  try {
    return decodeJsonPatch(JSON.parse(bytes.toString()));
  } catch (error) {
    throw internalError(error);
  }
}

/** The patch's result is read as a body would be: typed, and without fields that the schema does not know. */
function patched(
  object: KubeObject,
  patch: ReturnType<typeof decodeJsonPatch>,
  { served, resource, kind }: Invocation,
): KubeObject {
  const schema =
    served?.versions.get(resource.version)?.version.schema ?? codecFor(kind.group, kind.version, kind.kind).schema;
  try {
    return decodeJsonValue(schema, applyJsonPatch(object, patch)).object;
  } catch (error) {
    throw internalError(error);
  }
}
