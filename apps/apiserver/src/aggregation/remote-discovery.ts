import type { ResourceDefinition, SubresourceDefinition } from '@pilothouse/apimachinery';
import type { APIService } from '@pilothouse/api';
import type { UserInfo } from '../authentication/user-info.ts';
import type { ServedGroup } from '../discovery/groups.ts';
import type { ExtensionServer } from './extension-server.ts';

/** One line of a remote APIResourceList. */
interface RemoteResource {
  readonly name: string;
  readonly singularName?: string;
  readonly namespaced?: boolean;
  readonly kind: string;
  readonly group?: string;
  readonly version?: string;
  readonly verbs?: readonly string[];
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
}

/** What the extension server says it serves in its group version, as far as discovery needs it. */
export async function readRemoteResources(server: ExtensionServer, user: UserInfo): Promise<ResourceDefinition[]> {
  const { group = '', version = '' } = server.service.spec;
  const body = await server.fetch(`/apis/${group}/${version}`, 'application/json', user);
  const { resources = [] } = JSON.parse(body.toString()) as { resources?: readonly RemoteResource[] };
  return resources
    .filter(({ name }) => !name.includes('/'))
    .map((each) =>
      remoteDefinition(
        group,
        version,
        each,
        resources.filter(({ name }) => name.startsWith(`${each.name}/`)),
      ),
    );
}

function remoteDefinition(
  group: string,
  version: string,
  resource: RemoteResource,
  subresources: readonly RemoteResource[],
): ResourceDefinition {
  return {
    group,
    resource: resource.name,
    singular: resource.singularName ?? '',
    kind: resource.kind,
    listKind: `${resource.kind}List`,
    shortNames: resource.shortNames ?? [],
    categories: resource.categories ?? [],
    namespaced: resource.namespaced ?? false,
    versions: [],
    storageVersion: version,
    storagePrefix: '',
    storageEncoding: 'json',
    verbs: resource.verbs ?? [],
    strategy: NO_STRATEGY,
    subresources: subresources.map((each) => remoteSubresource(group, version, each)),
  };
}

function remoteSubresource(
  group: string,
  version: string,
  { name, kind, verbs = [], ...rest }: RemoteResource,
): SubresourceDefinition {
  const owner = { group: rest.group || group, version: rest.version || version, kind };
  return { name: name.slice(name.indexOf('/') + 1), verbs, kind: owner };
}

/** Never asked: the rules are the other server's. */
const NO_STRATEGY: ResourceDefinition['strategy'] = {
  validate: () => [],
  validateUpdate: () => [],
  allowCreateOnUpdate: false,
  allowUnconditionalUpdate: true,
  tracksGeneration: false,
  defaultPropagation: 'Background',
  selectableFields: {},
};

export interface RemoteVersion {
  readonly service: APIService;
  readonly resources: readonly ResourceDefinition[];
}

/** Remote group versions as discovery lists groups: versions by priority, highest first. */
export function remoteGroups(remotes: readonly RemoteVersion[]): ServedGroup[] {
  const byGroup = new Map<string, RemoteVersion[]>();
  for (const remote of remotes) {
    const { group = '' } = remote.service.spec;
    byGroup.set(group, [...(byGroup.get(group) ?? []), remote]);
  }
  return [...byGroup].map(([name, versions]) => ({
    name,
    versions: versions
      .sort((a, b) => b.service.spec.versionPriority - a.service.spec.versionPriority)
      .map(({ service, resources }) => ({
        version: service.spec.version ?? '',
        resources: [...resources]
          .sort((a, b) => (a.resource < b.resource ? -1 : 1))
          .map((definition) => ({ definition })),
      })),
  }));
}
