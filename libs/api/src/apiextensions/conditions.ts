import type { CustomResourceDefinition, CustomResourceDefinitionCondition } from '../generated/types.ts';

export type CrdConditionType =
  | 'Established'
  | 'NamesAccepted'
  | 'NonStructuralSchema'
  | 'Terminating'
  | 'KubernetesAPIApprovalPolicyConformant';

export function crdCondition(
  crd: CustomResourceDefinition,
  type: CrdConditionType,
): CustomResourceDefinitionCondition | undefined {
  return crd.status?.conditions?.find((condition) => condition.type === type);
}

export function isCrdConditionTrue(crd: CustomResourceDefinition, type: CrdConditionType): boolean {
  return crdCondition(crd, type)?.status === 'True';
}
