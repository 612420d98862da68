import { formatApiVersion, type KubeObject } from '@pilothouse/apimachinery';
import { apiResourcesOf } from './api-resource.ts';
import type { ServedGroup } from './groups.ts';

/** `/api`: the versions of the core group. */
export function apiVersionsDocument(core: ServedGroup | undefined, serverAddress: string): KubeObject {
  return {
    kind: 'APIVersions',
    versions: (core?.versions ?? []).map(({ version }) => version),
    serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress }],
  } as KubeObject;
}

/** `/apis`: every other group. */
export function apiGroupListDocument(groups: readonly ServedGroup[]): KubeObject {
  return {
    kind: 'APIGroupList',
    apiVersion: 'v1',
    groups: groups.filter(({ name }) => name !== '').map(apiGroup),
  } as KubeObject;
}

/** `/apis/<group>`. */
export function apiGroupDocument(group: ServedGroup): KubeObject {
  return { kind: 'APIGroup', apiVersion: 'v1', ...apiGroup(group) } as KubeObject;
}

function apiGroup({ name, versions }: ServedGroup) {
  const entries = versions.map(({ version }) => ({
    groupVersion: formatApiVersion({ group: name, version }),
    version,
  }));
  return { name, versions: entries, preferredVersion: entries[0] };
}

/** `/api/v1` and `/apis/<group>/<version>`. */
export function apiResourceListDocument(group: ServedGroup, version: string): KubeObject | undefined {
  const found = group.versions.find((each) => each.version === version);
  if (found === undefined) return undefined;
  return {
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion: formatApiVersion({ group: group.name, version }),
    resources: found.resources.flatMap(({ definition }) => apiResourcesOf(definition, version)),
  } as KubeObject;
}
