import {
  fieldPath,
  storedVersion,
  validateStandardFinalizers,
  type FieldError,
  type KubeObject,
  type ResourceDefinition,
} from '@pilothouse/apimachinery';

const FINALIZERS = fieldPath('metadata', 'finalizers');

/** Groups whose validation upstream builds on the generic rules of metadata, without those of the core group. */
const GENERIC_GROUPS = new Set([
  'admissionregistration.k8s.io',
  'apiextensions.k8s.io',
  'apiregistration.k8s.io',
  'coordination.k8s.io',
  'internal.apiserver.k8s.io',
]);

/** What most built-in kinds ask of finalizers beyond the generic rules; custom resources may name them as they like. */
export function finalizerErrors(definition: ResourceDefinition, { metadata }: KubeObject): FieldError[] {
  const isBuiltIn = storedVersion(definition).schema.wire !== undefined && !GENERIC_GROUPS.has(definition.group);
  return isBuiltIn ? validateStandardFinalizers(metadata?.finalizers ?? [], FINALIZERS) : [];
}
