import { parseApiVersion } from '@pilothouse/apimachinery';
import type { DiscoveredResource, DiscoveryResult } from '../contract.ts';
import type { RestClient } from '../rest/rest-client.ts';

/** `GET /api` */
export interface ApiVersions {
  readonly kind: 'APIVersions';
  readonly versions?: readonly string[];
}

/** `GET /apis` */
export interface ApiGroupList {
  readonly kind: 'APIGroupList';
  readonly groups?: readonly {
    readonly name: string;
    readonly versions: readonly { readonly groupVersion: string; readonly version: string }[];
    readonly preferredVersion?: { readonly groupVersion: string };
  }[];
}

/** `GET /apis/<group>/<version>` */
export interface ApiResourceList {
  readonly resources?: readonly {
    readonly name: string;
    readonly kind: string;
    readonly namespaced: boolean;
    readonly verbs?: readonly string[];
    readonly shortNames?: readonly string[];
    readonly categories?: readonly string[];
  }[];
}

/** One document per group version, all asked for at once. A version that fails is named; the others count. */
export async function fetchLegacyDiscovery(
  client: RestClient,
  core: ApiVersions | undefined,
  groups: ApiGroupList | undefined,
  signal?: AbortSignal,
): Promise<DiscoveryResult> {
  const versions = [
    ...(core?.versions ?? []).map((groupVersion, i) => ({
      groupVersion,
      path: `/api/${groupVersion}`,
      preferred: i === 0,
    })),
    ...(groups?.groups ?? []).flatMap((group) =>
      group.versions.map(({ groupVersion }) => ({
        groupVersion,
        path: `/apis/${groupVersion}`,
        preferred: groupVersion === group.preferredVersion?.groupVersion,
      })),
    ),
  ];
  const failedGroupVersions: string[] = [];
  const resources = await Promise.all(
    versions.map(async ({ groupVersion, path, preferred }) => {
      try {
        const asked = { method: 'GET', group: '', resource: '' };
        const { body } = await client.send({ method: 'GET', path, accept: 'application/json', signal }, asked);
        return readResourceList(groupVersion, JSON.parse(body.toString('utf8')) as ApiResourceList, preferred);
      } catch (error) {
        if (signal?.aborted) throw error;
        failedGroupVersions.push(groupVersion);
        return [];
      }
    }),
  );
  return { resources: resources.flat(), failedGroupVersions };
}

export function readResourceList(
  groupVersion: string,
  list: ApiResourceList,
  preferred: boolean,
): DiscoveredResource[] {
  const { group, version } = parseApiVersion(groupVersion);
  const subresources = new Map<string, string[]>();
  for (const { name } of list.resources ?? []) {
    const [parent, subresource] = name.split('/') as [string, string?];
    if (subresource) subresources.set(parent, [...(subresources.get(parent) ?? []), subresource]);
  }
  return (list.resources ?? [])
    .filter(({ name }) => !name.includes('/'))
    .map(({ name, kind, namespaced, verbs = [], shortNames = [], categories = [] }) => ({
      group,
      version,
      resource: name,
      kind,
      namespaced,
      verbs,
      shortNames,
      categories,
      preferred,
      subresources: subresources.get(name) ?? [],
    }));
}
