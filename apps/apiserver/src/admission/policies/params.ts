import {
  parseApiVersion,
  selectorFromLabelSelector,
  type KubeObject,
  type LabelSelectorFields,
} from '@pilothouse/apimachinery';
import type { ParamKind, ParamRef } from '@pilothouse/api';
import type { StoredObject } from '@pilothouse/storage';
import type { Resources, ServedResource } from '../../registry/resources.ts';
import type { AdmissionAttributes } from '../attributes.ts';

/** A policy or binding that cannot work as it is configured. */
export class ConfigurationError extends Error {}

/**
 * The objects that a binding's `paramRef` names, each of which the policy is evaluated with; `undefined` stands for no
 * parameters. Throws ConfigurationError. Upstream: generic.CollectParams.
 */
export async function collectParams(
  paramKind: ParamKind | undefined,
  paramRef: ParamRef | undefined,
  attributes: AdmissionAttributes,
  resources: Resources,
): Promise<readonly (KubeObject | undefined)[]> {
  if (paramKind === undefined || paramRef === undefined) return [undefined];
  const { group, version } = parseApiVersion(paramKind.apiVersion ?? '');
  const served = resources.findByKind(group, paramKind.kind ?? '');
  if (served === undefined || !served.versions.has(version)) {
    throw new ConfigurationError(
      `failed to find resource referenced by paramKind: '${paramKind.apiVersion}, Kind=${paramKind.kind}'`,
    );
  }
  const namespace = namespaceOf(served, paramRef, attributes);
  const found = paramRef.selector
    ? await bySelector(served, namespace, paramRef)
    : await byName(served, namespace, paramRef);
  if (found.length > 0) return found.map((stored) => served.versions.get(version)!.view(stored));
  if (paramRef.parameterNotFoundAction === 'Allow') return [];
  throw new ConfigurationError('no params found for policy binding with `Deny` parameterNotFoundAction');
}

function namespaceOf({ definition }: ServedResource, paramRef: ParamRef, attributes: AdmissionAttributes): string {
  if (!definition.namespaced) {
    if (paramRef.namespace)
      throw new ConfigurationError('paramRef.namespace must not be provided for a cluster-scoped `paramKind`');
    return '';
  }
  if (paramRef.namespace) return paramRef.namespace;
  const isNamespaced = attributes.definition.namespaced && attributes.namespace !== '';
  if (isNamespaced) return attributes.namespace;
  throw new ConfigurationError(
    'cannot use namespaced paramRef in policy binding that matches cluster-scoped resources',
  );
}

async function byName(
  { registry }: ServedResource,
  namespace: string,
  { name = '' }: ParamRef,
): Promise<readonly StoredObject[]> {
  const found = await registry.peek({ namespace, name });
  return found ? [found] : [];
}

async function bySelector(
  { registry }: ServedResource,
  namespace: string,
  { selector }: ParamRef,
): Promise<readonly StoredObject[]> {
  const wanted = selectorFromLabelSelector(selector as LabelSelectorFields);
  const { items } = await registry.store.list({
    namespace,
    resourceVersion: '0',
    filter: ({ object }) => wanted.matches(object.metadata?.labels),
  });
  return items;
}
