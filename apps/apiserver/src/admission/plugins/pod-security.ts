import { deepEqual, forbidden, invalid } from '@pilothouse/apimachinery';
import type { Namespace, Pod } from '@pilothouse/api';
import type { ObjectRegistry } from '../../registry/object-registry.ts';
import type { AdmissionAttributes } from '../attributes.ts';
import type { AdmissionPlugin } from '../chain.ts';
import { describeViolations, violationsOf } from '../pod-security/evaluate.ts';
import { hasPodTemplate, podTemplateOf } from '../pod-security/pod-template.ts';
import { policyOf, printPolicy, validatePolicyLabels, type Labels, type Policy } from '../pod-security/policy.ts';

/**
 * Refuses pods that break the standard which their namespace enforces; warns of those, and of workloads, that break the
 * one it warns of. https://kubernetes.io/docs/concepts/security/pod-security-admission/
 */
export function podSecurity(namespaces: ObjectRegistry, pods: ObjectRegistry): AdmissionPlugin {
  return {
    name: 'PodSecurity',
    operations: ['CREATE', 'UPDATE'],
    async validate(attributes) {
      const { group, resource } = attributes.definition;
      if (group === '' && resource === 'namespaces') return checkNamespace(pods, attributes);
      const isPod = group === '' && resource === 'pods';
      if (isPod ? !changesPod(attributes) : attributes.subresource !== '' || !hasPodTemplate(group, resource)) return;
      const pod = isPod ? (attributes.object as Pod) : podTemplateOf(attributes.object!);
      if (pod === undefined) return;
      const labels = (await namespaces.peek({ namespace: '', name: attributes.namespace }))?.object.metadata?.labels;
      checkPod(pod, labels, isPod, attributes);
    },
  };
}

/** Only writes that can make a pod worse are looked at: a status, a label or a binding cannot. */
function changesPod({ operation, subresource, object, oldObject }: AdmissionAttributes): boolean {
  if (subresource !== '' && subresource !== 'ephemeralcontainers' && subresource !== 'resize') return false;
  return operation === 'CREATE' || !deepEqual((object as Pod).spec, (oldObject as Pod | undefined)?.spec);
}

function checkPod(
  pod: Pick<Pod, 'spec'>,
  labels: Labels | undefined,
  isPod: boolean,
  attributes: AdmissionAttributes,
): void {
  const enforced = policyOf(labels, 'enforce');
  if (isPod) {
    const violated = violationsOf(pod, enforced);
    attributes.annotate?.('pod-security.kubernetes.io/enforce-policy', printPolicy(enforced));
    if (violated.length > 0) {
      throw forbidden(attributes.definition, attributes.name, `violates ${describeViolations(enforced, violated)}`);
    }
  }
  const would = (policy: Policy) => {
    const violated = violationsOf(pod, policy);
    return violated.length > 0 ? `would violate ${describeViolations(policy, violated)}` : undefined;
  };
  const warning = would(policyOf(labels, 'warn'));
  if (warning) attributes.warn(warning);
  const audit = would(policyOf(labels, 'audit'));
  if (audit) attributes.annotate?.('pod-security.kubernetes.io/audit-violations', audit);
}

/** Pods that are there already stay; who makes their namespace stricter is told of them. */
async function checkNamespace(pods: ObjectRegistry, attributes: AdmissionAttributes): Promise<void> {
  if (attributes.subresource !== '') return;
  const { metadata } = attributes.object as Namespace;
  const before = attributes.oldObject?.metadata?.labels;
  const errors = validatePolicyLabels(metadata?.labels);
  if (errors.length > 0 && !deepEqual(metadata?.labels, before))
    throw invalid('', 'Namespace', metadata?.name ?? '', errors);
  const policy = policyOf(metadata?.labels, 'enforce');
  if (
    attributes.operation !== 'UPDATE' ||
    deepEqual(policy, policyOf(before, 'enforce')) ||
    policy.level === 'privileged'
  )
    return;
  const name = metadata?.name ?? '';
  const { items } = await pods.store.list({ namespace: name, resourceVersion: '0', unfiltered: true });
  const byReasons = new Map<string, string[]>();
  for (const { object } of items) {
    const reasons = violationsOf(object as Pod, policy)
      .map(({ reason }) => reason)
      .join(', ');
    if (reasons !== '') byReasons.set(reasons, [...(byReasons.get(reasons) ?? []), object.metadata?.name ?? '']);
  }
  if (byReasons.size === 0) return;
  attributes.warn(
    `existing pods in namespace ${JSON.stringify(name)} violate the new PodSecurity enforce level "${printPolicy(policy)}"`,
  );
  for (const [reasons, [first, ...others]] of byReasons)
    attributes.warn(`${first}${andOthers(others.length)}: ${reasons}`);
}

/** Pods with the same faults are named by the first of them. */
function andOthers(count: number): string {
  return count === 0 ? '' : ` (and ${count} other ${count === 1 ? 'pod' : 'pods'})`;
}
