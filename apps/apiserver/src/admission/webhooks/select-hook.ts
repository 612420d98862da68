import { internalError, isNotFound, SelectorError, type Selector } from '@pilothouse/apimachinery';
import type { Namespace } from '@pilothouse/api';
import type { Resources } from '../../registry/resources.ts';
import type { AdmissionAttributes } from '../attributes.ts';
import { findInvocation, type Invocation } from './invocation.ts';
import type { WebhookHook } from './webhook-hook.ts';

/**
 * Whether a webhook wants to hear of a request by its rules and selectors, and under which version; undefined when not.
 * A selector that cannot be answered matters only if the rules match. Upstream: generic.Webhook.ShouldCallHook.
 */
export async function selectHook(
  { webhook, namespaceSelector, objectSelector }: WebhookHook,
  attributes: AdmissionAttributes,
  resources: Resources,
): Promise<Invocation | undefined> {
  const invocation = findInvocation(webhook.rules ?? [], webhook.matchPolicy, attributes, resources);
  if (invocation === undefined) return undefined;
  try {
    if (!matchesObjects(objectSelector(), attributes)) return undefined;
    if (!(await matchesNamespace(namespaceSelector(), attributes, resources))) return undefined;
  } catch (error) {
    if (error instanceof SelectorError) throw internalError(error);
    throw error;
  }
  return invocation;
}

export function matchesObjects(selector: Selector, { object, oldObject }: AdmissionAttributes): boolean {
  if (selector.isEverything) return true;
  return [object, oldObject].some((each) => each !== undefined && selector.matches(each.metadata?.labels));
}

/** Objects of the cluster, namespaces aside, are exempt from no selector. Throws 404 when the namespace is not there. */
export async function matchesNamespace(
  selector: Selector,
  attributes: AdmissionAttributes,
  resources: Resources,
): Promise<boolean> {
  const { definition, namespace } = attributes;
  if (namespace === '' && definition.resource !== 'namespaces') return true;
  if (selector.isEverything) return true;
  return selector.matches(await namespaceLabels(attributes, resources));
}

async function namespaceLabels(
  attributes: AdmissionAttributes,
  resources: Resources,
): Promise<Record<string, string> | undefined> {
  const { definition, subresource, operation, object } = attributes;
  const writesNamespace = definition.group === '' && definition.resource === 'namespaces' && subresource === '';
  if (writesNamespace && (operation === 'CREATE' || operation === 'UPDATE')) return object?.metadata?.labels;
  const found = await namespaceOf(attributes.namespace, resources);
  return found?.metadata.labels;
}

/** As of the log, or as of etcd when the log does not have it yet. Throws 404. */
export async function namespaceOf(name: string, resources: Resources): Promise<Namespace> {
  const { registry } = resources.get('', 'namespaces');
  const key = { namespace: '', name };
  try {
    return ((await registry.peek(key)) ?? (await registry.get(key))).object as Namespace;
  } catch (error) {
    if (isNotFound(error)) throw error;
    throw internalError(error);
  }
}
