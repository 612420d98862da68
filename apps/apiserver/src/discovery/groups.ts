import { compareVersions, type ResourceDefinition } from '@pilothouse/apimachinery';
import type { Resources } from '../registry/resources.ts';
import { compareGroups } from './priorities.ts';

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
    const { definition, announcedVerbs } = resource;
    const { group, versions } = definition;
    if (versions.length === 0) continue;
    const shown = { definition: announcedVerbs ? { ...definition, verbs: announcedVerbs } : definition };
    let byVersion = byGroup.get(group);
    if (byVersion === undefined) byGroup.set(group, (byVersion = new Map()));
    for (const { version } of versions) {
      const list = byVersion.get(version);
      if (list) list.push(shown);
      else byVersion.set(version, [shown]);
    }
  }
  return [...byGroup]
    .map(([name, byVersion]) => ({ name, versions: sortedVersions(byVersion) }))
    .sort((a, b) => compareGroups(a.name, b.name));
}

function sortedVersions(byVersion: Map<string, { definition: ResourceDefinition }[]>): ServedGroupVersion[] {
  return [...byVersion]
    .sort(([a], [b]) => compareVersions(a, b))
    .map(([version, list]) => ({
      version,
      resources: list.sort((a, b) => (a.definition.resource < b.definition.resource ? -1 : 1)),
    }));
}
