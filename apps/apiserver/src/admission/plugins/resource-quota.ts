import { forbidden, isNotFound, type KubeObject } from '@pilothouse/apimachinery';
import {
  addAmounts,
  describeAmounts,
  exceededNames,
  excessAmounts,
  maskAmounts,
  negativeNames,
  parseAmounts,
  printAmounts,
  quotaEvaluatorFor,
  quotaMatches,
  type Amounts,
  type QuotaEvaluator,
  type ResourceQuota,
} from '@pilothouse/api';
import type { StoredObject } from '@pilothouse/storage';
import { SYSTEM_USER } from '../../authentication/user-info.ts';
import type { ObjectRegistry } from '../../registry/object-registry.ts';
import type { AdmissionAttributes } from '../attributes.ts';
import type { AdmissionPlugin } from '../chain.ts';

/**
 * Charges what is created to the quotas of its namespace, and refuses it when one would be exceeded. The charge is a
 * write to the quota's status that fails when somebody else has charged it in the meantime, so that no two writes can
 * both take the last place; the controller corrects it later. https://kubernetes.io/docs/concepts/policy/resource-quotas/
 */
export function resourceQuota(quotas: ObjectRegistry): AdmissionPlugin {
  return {
    name: 'ResourceQuota',
    operations: ['CREATE', 'UPDATE'],
    async validate(attributes) {
      const { definition, namespace, subresource, object } = attributes;
      if (namespace === '' || object === undefined || !(subresource === '' || subresource === 'resize')) return;
      if (definition.group === '' && definition.resource === 'namespaces') return;
      const evaluator = quotaEvaluatorFor(definition.group, definition.resource);
      if (!evaluator.charges(attributes)) return;
      const { items } = await quotas.store.list({ namespace, resourceVersion: '0', unfiltered: true });
      if (items.length > 0) await charge(quotas, items, evaluator, attributes);
    },
  };
}

async function charge(
  quotas: ObjectRegistry,
  items: readonly StoredObject[],
  evaluator: QuotaEvaluator,
  attributes: AdmissionAttributes,
): Promise<void> {
  const interested = items.filter(({ object }) => isInterested(object as ResourceQuota, evaluator, attributes));
  if (interested.length === 0) return;
  const deltaFor = chargeOf(evaluator, attributes);
  // All are asked before any is charged.
  const toCharge = interested.filter(
    ({ object }) => chargedStatus(object as ResourceQuota, deltaFor(object as ResourceQuota), attributes) !== undefined,
  );
  if (attributes.dryRun) return;
  const context = {
    now: attributes.now,
    user: SYSTEM_USER,
    namespace: attributes.namespace,
    dryRun: false,
    warn: () => {},
  };
  for (const { key } of toCharge) {
    const update = ({ object }: StoredObject): KubeObject => {
      const quota = object as ResourceQuota;
      const status = chargedStatus(quota, deltaFor(quota), attributes);
      return (status === undefined ? object : { ...object, status }) as KubeObject;
    };
    try {
      const options = { subresource: { name: 'status', verbs: ['update'] }, allowUnconditional: true };
      await quotas.update(key, (current) => update(current!), context, options);
    } catch (error) {
      // A quota that was deleted in the meantime limits nothing.
      if (!isNotFound(error)) throw error;
    }
  }
}

/** Throws 403 when the object does not say what the quota must know, or the quota's usage is not known yet. */
function isInterested(quota: ResourceQuota, evaluator: QuotaEvaluator, attributes: AdmissionAttributes): boolean {
  const hard = Object.keys(quota.status?.hard ?? {});
  if (!quotaMatches(evaluator, quota, hard, attributes.object!)) return false;
  const names = evaluator.matching(hard);
  const problem = evaluator.problem?.(attributes.object, names);
  if (problem !== undefined) throw refusal(attributes, `failed quota: ${quota.metadata.name}: ${problem}`);
  if (names.some((name) => quota.status?.used?.[name] === undefined)) {
    throw refusal(
      attributes,
      `status unknown for quota: ${quota.metadata.name}, resources: ${[...names].sort().join(',')}`,
    );
  }
  return true;
}

/**
 * What the write adds to a quota: all of an object that is new to it, only what is more of one that it counted before.
 * What is less is left to the controller. Throws 403 when an object asks for less than nothing.
 */
function chargeOf(evaluator: QuotaEvaluator, attributes: AdmissionAttributes): (quota: ResourceQuota) => Amounts {
  const { operation, object, oldObject, now } = attributes;
  const usage = evaluator.usage(object, now);
  const negative = negativeNames(usage);
  if (negative.length > 0)
    throw refusal(attributes, `quota usage is negative for resource(s): ${negative.sort().join(',')}`);
  const before = operation === 'UPDATE' && oldObject ? evaluator.usage(oldObject, now) : {};
  return (quota) => {
    const counted = oldObject && quotaMatches(evaluator, quota, Object.keys(quota.status?.hard ?? {}), oldObject);
    return excessAmounts(usage, counted ? before : {});
  };
}

/** Pure: the quota's status with the charge, undefined when it is not concerned. Throws 403 when it would be exceeded. */
function chargedStatus(quota: ResourceQuota, delta: Amounts, attributes: AdmissionAttributes): ResourceQuota['status'] {
  const hard = parseAmounts(quota.status?.hard);
  const used = parseAmounts(quota.status?.used);
  const requested = maskAmounts(delta, Object.keys(hard));
  const names = Object.keys(requested);
  if (names.length === 0) return undefined;
  const sum = addAmounts(used, requested);
  const exceeded = exceededNames(maskAmounts(sum, names), hard);
  if (exceeded.length > 0) {
    const [want, have, limit] = [requested, used, hard].map((each) => describeAmounts(maskAmounts(each, exceeded)));
    throw refusal(
      attributes,
      `exceeded quota: ${quota.metadata.name}, requested: ${want}, used: ${have}, limited: ${limit}`,
    );
  }
  return { ...quota.status, used: printAmounts(sum) };
}

function refusal({ definition, name, object }: AdmissionAttributes, why: string) {
  return forbidden(definition, name || (object?.metadata?.name ?? ''), why);
}
