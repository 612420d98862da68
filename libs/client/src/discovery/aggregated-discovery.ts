import type { DiscoveredResource, DiscoveryResult } from '../contract.ts';

/** `apidiscovery.k8s.io`, the parts a client needs. v2 and v2beta1 agree on them. */
export interface ApiGroupDiscoveryList {
  readonly kind: 'APIGroupDiscoveryList';
  readonly items?: readonly {
    readonly metadata?: { readonly name?: string };
    readonly versions?: readonly ApiVersionDiscovery[];
  }[];
}

interface ApiVersionDiscovery {
  readonly version: string;
  /** `Stale`: the aggregated server behind it did not answer. */
  readonly freshness?: string;
  readonly resources?: readonly {
    readonly resource: string;
    readonly responseKind?: { readonly group?: string; readonly version?: string; readonly kind: string };
    readonly scope: 'Cluster' | 'Namespaced';
    readonly shortNames?: readonly string[];
    readonly categories?: readonly string[];
    readonly verbs: readonly string[];
    readonly subresources?: readonly { readonly subresource: string }[];
  }[];
}

export function readAggregated(lists: readonly ApiGroupDiscoveryList[]): DiscoveryResult {
  const resources: DiscoveredResource[] = [];
  const failedGroupVersions: string[] = [];
  for (const { metadata, versions = [] } of lists.flatMap((list) => list.items ?? [])) {
    const group = metadata?.name ?? '';
    versions.forEach(({ version, freshness, resources: entries = [] }, position) => {
      if (freshness === 'Stale') failedGroupVersions.push(group ? `${group}/${version}` : version);
      for (const entry of entries) {
        // Only a parent for its subresources, not readable itself (`pods.metrics` style).
        if (!entry.responseKind) continue;
        resources.push({
          group,
          version,
          resource: entry.resource,
          kind: entry.responseKind.kind,
          namespaced: entry.scope === 'Namespaced',
          verbs: entry.verbs,
          shortNames: entry.shortNames ?? [],
          categories: entry.categories ?? [],
          preferred: position === 0,
          subresources: (entry.subresources ?? []).map((each) => each.subresource),
        });
      }
    });
  }
  return { resources, failedGroupVersions };
}
