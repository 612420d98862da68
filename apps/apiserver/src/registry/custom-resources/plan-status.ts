import {
  apiApproval,
  crdCondition,
  isCrdConditionTrue,
  isProtectedCommunityGroup,
  type CrdConditionType,
  type CustomResourceDefinition,
  type CustomResourceDefinitionStatus,
} from '@pilothouse/api';
import { deepEqual, fieldPath, structuralViolations, type JsonSchema } from '@pilothouse/apimachinery';
import { formatTime } from '../metadata.ts';
import { planNames } from './plan-names.ts';

interface Condition {
  readonly type: CrdConditionType;
  readonly status: 'True' | 'False';
  readonly reason: string;
  readonly message: string;
}

/** What the status of a CRD should say, given the others; the same object when it says so already. */
export function planStatus(
  crd: CustomResourceDefinition,
  others: Iterable<CustomResourceDefinition>,
  now: Date,
): CustomResourceDefinitionStatus | undefined {
  const names = planNames(crd, others);
  const wanted: Condition[] = [{ type: 'NamesAccepted', ...names.accepted }];
  // Once established it stays so: its objects are there.
  if (!isCrdConditionTrue(crd, 'Established')) wanted.push({ type: 'Established', ...names.established });
  const violations = violationsOf(crd);
  if (violations.length > 0) {
    wanted.push({ type: 'NonStructuralSchema', status: 'True', reason: 'Violations', message: violations.join('; ') });
  }
  const approval = approvalCondition(crd);
  if (approval) wanted.push(approval);
  if (crd.metadata?.deletionTimestamp && !crdCondition(crd, 'Terminating')) wanted.push(TERMINATING);

  let status: CustomResourceDefinitionStatus = {
    ...(crd.status ?? { conditions: null, storedVersions: null }),
    acceptedNames: names.acceptedNames,
  };
  for (const condition of wanted) status = withCondition(status, condition, now);
  if (violations.length === 0) status = withoutCondition(status, 'NonStructuralSchema');
  if (!approval) status = withoutCondition(status, 'KubernetesAPIApprovalPolicyConformant');
  return deepEqual(status, crd.status) ? crd.status : status;
}

const TERMINATING: Condition = {
  type: 'Terminating',
  status: 'True',
  reason: 'InstanceDeletionInProgress',
  message: 'CustomResource deletion is in progress',
};

/** A condition's time is that of its last change of status. */
export function withCondition(
  status: CustomResourceDefinitionStatus,
  condition: Condition,
  now: Date,
): CustomResourceDefinitionStatus {
  const conditions = status.conditions ?? [];
  const before = conditions.find((each) => each.type === condition.type);
  if (
    before &&
    before.status === condition.status &&
    before.reason === condition.reason &&
    before.message === condition.message
  )
    return status;
  const lastTransitionTime = before?.status === condition.status ? before.lastTransitionTime! : formatTime(now);
  const next = { ...condition, lastTransitionTime };
  return {
    ...status,
    conditions: before ? conditions.map((each) => (each === before ? next : each)) : [...conditions, next],
  };
}

function withoutCondition(
  status: CustomResourceDefinitionStatus,
  type: CrdConditionType,
): CustomResourceDefinitionStatus {
  if (!status.conditions?.some((each) => each.type === type)) return status;
  return { ...status, conditions: status.conditions.filter((each) => each.type !== type) };
}

const checked = new WeakMap<object, string[]>();

/** Only a CRD from before structural schemas were required can have any. */
function violationsOf({ spec }: CustomResourceDefinition): string[] {
  let violations = checked.get(spec);
  if (violations === undefined) {
    violations = (spec.versions ?? []).flatMap(({ schema }, at) => {
      if (schema?.openAPIV3Schema === undefined) return [];
      const path = fieldPath('spec', 'versions').index(at).child('schema', 'openAPIV3Schema');
      return structuralViolations(schema.openAPIV3Schema as JsonSchema, path).map((error) => error.toString());
    });
    checked.set(spec, violations);
  }
  return violations;
}

function approvalCondition(crd: CustomResourceDefinition): Condition | undefined {
  if (!isProtectedCommunityGroup(crd.spec.group)) return undefined;
  const { state, reason: message } = apiApproval(crd);
  const type = 'KubernetesAPIApprovalPolicyConformant';
  const reason = {
    approved: 'ApprovedAnnotation',
    unapproved: 'UnapprovedAnnotation',
    missing: 'MissingAnnotation',
    invalid: 'InvalidAnnotation',
  }[state];
  return { type, status: state === 'approved' ? 'True' : 'False', reason, message };
}
