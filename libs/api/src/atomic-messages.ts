/**
 * Messages that server-side apply owns as a whole wherever they stand (`+structType=atomic` on the Go type): mostly
 * references and selectors, which mean nothing in parts. A property may say otherwise (`struct=granular`).
 */
const ATOMIC_MESSAGES: ReadonlySet<string> = new Set([
  'k8s.io.apimachinery.pkg.apis.meta.v1.LabelSelector',
  'k8s.io.apimachinery.pkg.apis.meta.v1.OwnerReference',
  ...[
    'ConfigMapKeySelector',
    'EndpointAddress',
    'EndpointPort',
    'FileKeySelector',
    'LocalObjectReference',
    'NodeSelector',
    'NodeSelectorTerm',
    'ObjectFieldSelector',
    'ObjectReference',
    'ResourceFieldSelector',
    'SecretKeySelector',
    'SecretReference',
    'TopologySelectorTerm',
    'TypedLocalObjectReference',
  ].map((name) => `k8s.io.api.core.v1.${name}`),
  ...['v1', 'v1beta1', 'v1alpha1'].flatMap((version) =>
    ['MatchResources', 'NamedRuleWithOperations', 'ParamKind', 'ParamRef', 'Variable'].map(
      (name) => `k8s.io.api.admissionregistration.${version}.${name}`,
    ),
  ),
  'k8s.io.api.autoscaling.v1.CrossVersionObjectReference',
  'k8s.io.api.autoscaling.v2.CrossVersionObjectReference',
  'k8s.io.api.discovery.v1.EndpointPort',
  'k8s.io.api.networking.v1.ServiceBackendPort',
  'k8s.io.api.rbac.v1.RoleRef',
  'k8s.io.api.rbac.v1.Subject',
]);

export const isAtomicMessage = (name: string): boolean => ATOMIC_MESSAGES.has(name);
