import {
  EVERYTHING,
  selectorFromLabelSelector,
  type LabelSelectorFields,
  type Selector,
} from '@pilothouse/apimachinery';
import type { MatchResources } from '@pilothouse/api';
import type { Resources } from '../../registry/resources.ts';
import type { AdmissionAttributes } from '../attributes.ts';
import { findInvocation, resourceOf, kindOf, type Invocation } from '../webhooks/invocation.ts';
import { matchesRule, type MatchRule } from '../webhooks/match-rules.ts';
import { matchesNamespace, matchesObjects } from '../webhooks/select-hook.ts';

const selectors = new WeakMap<object, Selector>();

function selectorOf(fields: object | undefined): Selector {
  if (fields === undefined) return EVERYTHING;
  let selector = selectors.get(fields);
  if (selector === undefined)
    selectors.set(fields, (selector = selectorFromLabelSelector(fields as LabelSelectorFields)));
  return selector;
}

/** Under which version a policy, or a binding, wants to see the request; undefined when it does not. */
export async function matchResources(
  match: MatchResources | undefined,
  attributes: AdmissionAttributes,
  resources: Resources,
): Promise<Invocation | undefined> {
  const { resourceRules, excludeResourceRules = [], matchPolicy, namespaceSelector, objectSelector } = match ?? {};
  const invocation = resourceRules?.length
    ? findInvocation(resourceRules as readonly MatchRule[], matchPolicy, attributes, resources)
    : ownInvocation(attributes, resources);
  if (invocation === undefined) return undefined;
  const excluded =
    excludeResourceRules.some((rule) => matchesRule(rule as MatchRule, attributes, resourceOf(attributes))) ||
    (matchPolicy !== 'Exact' &&
      excludeResourceRules.some((rule) => matchesRule(rule as MatchRule, attributes, invocation.resource)));
  if (excluded || !matchesObjects(selectorOf(objectSelector), attributes)) return undefined;
  return (await matchesNamespace(selectorOf(namespaceSelector), attributes, resources)) ? invocation : undefined;
}

/** A binding without rules leaves the choice to its policy. */
function ownInvocation(attributes: AdmissionAttributes, resources: Resources): Invocation {
  const resource = resourceOf(attributes);
  const served = attributes.subresource === '' ? resources.find(resource.group, resource.resource) : undefined;
  return { resource, kind: kindOf(attributes), ...(served ? { served } : {}) };
}
