export type * from './generated/types.ts';
export * from './generated/resources.ts';
export type * from './kind.ts';
export type * from './expression-checks.ts';
export type * from './resource-ref.ts';
export * from './schemas.ts';
export { loadDescriptions, type Describe } from './descriptions.ts';
export * from './definitions.ts';
export * from './kinds.ts';
export * from './printing/index.ts';
export { qosClassOf } from './core/pod/qos-class.ts';
export { aggregateContainerResources } from './core/pod-spec/pod-resources.ts';
export { isSidecar } from './core/pod-spec/init-containers.ts';
export { apiApproval, isProtectedCommunityGroup } from './apiextensions/validate-api-approval.ts';
export * from './apiextensions/conditions.ts';
export { scaleColumns } from './autoscaling/scale-columns.ts';
export * from './apiextensions/hoisted.ts';
export { internalRule } from './apiextensions/internal-form.ts';
export type * from './apiextensions/rule-checks.ts';
export {
  validateCustomResourceDefinition,
  validateCustomResourceDefinitionUpdate,
} from './apiextensions/validate-custom-resource-definition.ts';
export * from './core/service/index.ts';
export { MANDATORY_FLOW_SCHEMAS, MANDATORY_PRIORITY_LEVELS } from './flowcontrol/mandatory.ts';
export * from './quota/index.ts';
export { findDefaultStorageClass } from './storage/default-storage-class.ts';
