import {
  subresourcesIn,
  type KubeObject,
  type ResourceDefinition,
  type SubresourceDefinition,
} from '@pilothouse/apimachinery';
import { apiResourcesOf } from './api-resource.ts';
import type { ServedGroup } from './groups.ts';

/**
 * All groups, versions and resources in one document: what kubectl reads since 1.26.
 * https://kubernetes.io/docs/concepts/overview/kubernetes-api/#aggregated-discovery
 */
export function aggregatedDiscovery(groups: readonly ServedGroup[], version: 'v2' | 'v2beta1'): KubeObject {
  return {
    kind: 'APIGroupDiscoveryList',
    apiVersion: `apidiscovery.k8s.io/${version}`,
    metadata: {},
    items: groups.map(({ name, versions }) => ({
      metadata: name ? { name } : {},
      versions: versions.map((each) => ({
        version: each.version,
        resources: each.resources.map(({ definition }) => resourceDiscovery(definition, each.version)),
        freshness: 'Current',
      })),
    })),
  } as KubeObject;
}

function resourceDiscovery(definition: ResourceDefinition, version: string) {
  const [main, ...subresources] = apiResourcesOf(definition, version);
  const scope = definition.namespaced ? 'Namespaced' : 'Cluster';
  return {
    resource: definition.resource,
    responseKind: { group: definition.group, version, kind: definition.kind },
    scope,
    singularResource: definition.singular,
    verbs: main!.verbs,
    ...(main!.shortNames ? { shortNames: main!.shortNames } : {}),
    ...(main!.categories ? { categories: main!.categories } : {}),
    ...(subresources.length > 0
      ? {
          subresources: subresourcesIn(definition, version).map((each, i) =>
            subresourceDiscovery(definition, version, each, subresources[i]!.verbs),
          ),
        }
      : {}),
  };
}

function subresourceDiscovery(
  definition: ResourceDefinition,
  version: string,
  { name, kind }: SubresourceDefinition,
  verbs: readonly string[],
) {
  const isParent = kind === undefined || (kind.group === definition.group && kind.kind === definition.kind);
  return {
    subresource: name,
    responseKind: isParent ? { group: definition.group, version, kind: definition.kind } : kind,
    verbs,
  };
}
