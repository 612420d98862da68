/**
 * What clients pick when a short name exists in several groups: higher goes first, then the name. Upstream's fixed list:
 * apiVersionPriorities in cmd/kube-apiserver/app and DefaultGenericAPIServicePriorities in pkg/controlplane/apiserver.
 */
const GROUPS: Readonly<Record<string, number>> = {
  '': 18_000,
  // The aggregator's own group has no APIService; it is listed before all that have one.
  'apiregistration.k8s.io': 17_900,
  apps: 17_800,
  'events.k8s.io': 17_750,
  'authentication.k8s.io': 17_700,
  'authorization.k8s.io': 17_600,
  autoscaling: 17_500,
  batch: 17_400,
  'certificates.k8s.io': 17_300,
  'networking.k8s.io': 17_200,
  policy: 17_100,
  'rbac.authorization.k8s.io': 17_000,
  'storage.k8s.io': 16_800,
  'admissionregistration.k8s.io': 16_700,
  'apiextensions.k8s.io': 16_700,
  'scheduling.k8s.io': 16_600,
  'coordination.k8s.io': 16_500,
  'node.k8s.io': 16_300,
  'discovery.k8s.io': 16_200,
  'flowcontrol.apiserver.k8s.io': 16_100,
  'internal.apiserver.k8s.io': 16_000,
  'resource.k8s.io': 15_900,
  'storagemigration.k8s.io': 15_800,
};

/** Of versions that do not have what their stability gives them. */
const VERSIONS: Readonly<Record<string, number>> = {
  '/v1': 1,
  'autoscaling/v2': 30,
  'flowcontrol.apiserver.k8s.io/v1': 21,
  'admissionregistration.k8s.io/v1beta1': 12,
  'admissionregistration.k8s.io/v1alpha1': 9,
  'coordination.k8s.io/v1beta1': 12,
  'coordination.k8s.io/v1alpha2': 9,
  'internal.apiserver.k8s.io/v1alpha1': 9,
  'resource.k8s.io/v1beta2': 12,
};

/** Of a group that is not built in, as CRDs make them. */
const OTHER_GROUP = 1_000;

export function groupPriority(group: string): number {
  return GROUPS[group] ?? OTHER_GROUP;
}

/** Within its group; the higher is preferred. */
export function versionPriority(group: string, version: string): number {
  const listed = VERSIONS[`${group}/${version}`];
  if (listed !== undefined) return listed;
  return version.includes('alpha') ? 1 : version.includes('beta') ? 9 : 15;
}

/** For sorting, highest first. */
export function compareGroups(a: string, b: string): number {
  return groupPriority(b) - groupPriority(a) || (a < b ? -1 : a > b ? 1 : 0);
}
