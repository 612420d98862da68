import { compareVersions, type ResourceDefinition } from '@pilothouse/apimachinery';
import type { Resources } from '../registry/resources.ts';

export interface ServedGroup {
  readonly name: string;
  /** Preferred first. */
  readonly versions: readonly ServedGroupVersion[];
}

export interface ServedGroupVersion {
  readonly version: string;
  /** Sorted by name. */
  readonly resources: readonly { readonly definition: ResourceDefinition }[];
}

/**
 * Groups in upstream's order of priority: what clients pick when a short name exists in several. Higher stands first;
 * custom groups follow by name. Upstream: apiVersionPriorities in cmd/kube-apiserver.
 */
const GROUP_PRIORITY = [
  '',
  'apiregistration.k8s.io',
  'apps',
  'events.k8s.io',
  'authentication.k8s.io',
  'authorization.k8s.io',
  'autoscaling',
  'batch',
  'certificates.k8s.io',
  'networking.k8s.io',
  'policy',
  'rbac.authorization.k8s.io',
  'storage.k8s.io',
  'admissionregistration.k8s.io',
  'apiextensions.k8s.io',
  'scheduling.k8s.io',
  'coordination.k8s.io',
  'node.k8s.io',
  'discovery.k8s.io',
  'resource.k8s.io',
  'flowcontrol.apiserver.k8s.io',
  'internal.apiserver.k8s.io',
  'storagemigration.k8s.io',
];

/** Our own groups with those of extension servers; a group may have versions on both sides. */
export function mergeGroups(own: readonly ServedGroup[], remote: readonly ServedGroup[]): ServedGroup[] {
  const merged = own.map((group) => {
    const other = remote.find(({ name }) => name === group.name);
    if (other === undefined) return group;
    const known = new Set(other.versions.map(({ version }) => version));
    return { ...group, versions: [...group.versions.filter(({ version }) => !known.has(version)), ...other.versions] };
  });
  return [...merged, ...remote.filter(({ name }) => !own.some((group) => group.name === name))];
}

/** Every group with its versions and resources, as they are served now. */
export function servedGroups(resources: Resources): ServedGroup[] {
  const byGroup = new Map<string, Map<string, { definition: ResourceDefinition }[]>>();
  for (const resource of resources.all()) {
    const { group, versions } = resource.definition;
    if (versions.length === 0) continue;
    let byVersion = byGroup.get(group);
    if (byVersion === undefined) byGroup.set(group, (byVersion = new Map()));
    for (const { version } of versions) {
      const list = byVersion.get(version);
      if (list) list.push(resource);
      else byVersion.set(version, [resource]);
    }
  }
  return [...byGroup]
    .map(([name, byVersion]) => ({ name, versions: sortedVersions(byVersion) }))
    .sort((a, b) => priority(a.name) - priority(b.name) || (a.name < b.name ? -1 : 1));
}

function sortedVersions(byVersion: Map<string, { definition: ResourceDefinition }[]>): ServedGroupVersion[] {
  return [...byVersion]
    .sort(([a], [b]) => compareVersions(a, b))
    .map(([version, list]) => ({
      version,
      resources: list.sort((a, b) => (a.definition.resource < b.definition.resource ? -1 : 1)),
    }));
}

function priority(group: string): number {
  const at = GROUP_PRIORITY.indexOf(group);
  return at < 0 ? GROUP_PRIORITY.length : at;
}
