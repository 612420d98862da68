import { forbidden } from '@pilothouse/apimachinery';
import type { Authorizer } from '../../authorization/authorizer.ts';
import type { AdmissionAttributes } from '../attributes.ts';
import { compileConditions, evaluateConditions } from '../policies/match-conditions.ts';
import { Scope } from '../policies/scope.ts';
import { toInvokedVersion, type Invocation } from './invocation.ts';
import type { Webhook } from './webhook-hook.ts';

/** Whether a webhook's `matchConditions` hold. Throws 403 when that cannot be known and the webhook must not be passed over. */
export async function meetsConditions(
  { matchConditions, failurePolicy }: Webhook,
  attributes: AdmissionAttributes,
  invocation: Invocation,
  authorizer: Authorizer,
): Promise<boolean> {
  if (!matchConditions?.length) return true;
  const objects = {
    object: await toInvokedVersion(invocation, attributes.object),
    oldObject: await toInvokedVersion(invocation, attributes.oldObject),
  };
  const scope = new Scope(attributes, invocation, objects, authorizer);
  const result = await evaluateConditions(compileConditions(matchConditions), scope);
  if ('matches' in result) return result.matches;
  if (failurePolicy === 'Ignore') return false;
  throw forbidden(attributes.definition, attributes.name, result.error);
}
