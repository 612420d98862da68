import type { Resources } from '../../registry/resources.ts';
import type { AdmissionAttributes } from '../attributes.ts';
import { toInvokedVersion, type Invocation } from '../webhooks/invocation.ts';
import { namespaceOf } from '../webhooks/select-hook.ts';
import type { ScopeObjects } from './scope.ts';

/** What a policy's expressions see of a request, in the version under which the policy matched it. */
export async function objectsFor(
  attributes: AdmissionAttributes,
  invocation: Invocation,
  resources: Resources,
): Promise<ScopeObjects> {
  const isNamespaced = attributes.definition.namespaced && attributes.namespace !== '';
  return {
    object: await toInvokedVersion(invocation, attributes.object),
    oldObject: await toInvokedVersion(invocation, attributes.oldObject),
    namespace: isNamespaced ? await namespaceOf(attributes.namespace, resources) : undefined,
  };
}
