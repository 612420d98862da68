import { subresourcesIn, type ResourceDefinition, type SubresourceDefinition } from '@pilothouse/apimachinery';
import { createHash } from 'node:crypto';

/** One line of a group version's discovery document. Upstream: meta/v1.APIResource. */
export interface ApiResource {
  readonly name: string;
  readonly singularName: string;
  readonly namespaced: boolean;
  readonly group?: string;
  readonly version?: string;
  readonly kind: string;
  readonly verbs: readonly string[];
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
  readonly storageVersionHash?: string;
}

/** The resource and its subresources in one version, sorted by name. */
export function apiResourcesOf(definition: ResourceDefinition, version: string): ApiResource[] {
  const { shortNames, categories, versions } = definition;
  const isCustom = versions[0]?.schema.wire === undefined;
  const main: ApiResource = {
    name: definition.resource,
    singularName: definition.singular,
    namespaced: definition.namespaced,
    kind: definition.kind,
    // Upstream sorts the verbs of what is built in only.
    verbs: isCustom ? definition.verbs : [...definition.verbs].sort(),
    ...(shortNames.length > 0 ? { shortNames } : {}),
    ...(categories.length > 0 ? { categories } : {}),
    ...(definition.verbs.includes('list') ? { storageVersionHash: storageVersionHash(definition) } : {}),
  };
  return [main, ...subresourcesIn(definition, version).map((each) => subresourceOf(definition, each))];
}

function subresourceOf(definition: ResourceDefinition, subresource: SubresourceDefinition): ApiResource {
  const { kind } = subresource;
  const foreign = kind !== undefined && (kind.group !== definition.group || kind.kind !== definition.kind);
  const sameGroup = kind === undefined || kind.group === definition.group;
  return {
    name: `${definition.resource}/${subresource.name}`,
    singularName: '',
    namespaced: definition.namespaced,
    ...(foreign && !sameGroup ? { group: kind.group, version: kind.version } : {}),
    kind: kind?.kind ?? definition.kind,
    verbs: subresource.verbs.includes('connect') ? connectVerbs(subresource) : [...subresource.verbs].sort(),
  };
}

const VERB_OF_METHOD: Readonly<Record<string, string>> = {
  GET: 'get',
  POST: 'create',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
};

/** A connect is found under the verbs of the methods that it answers. */
function connectVerbs({ methods = [] }: SubresourceDefinition): string[] {
  return [...new Set(methods.map((method) => VERB_OF_METHOD[method]).filter((verb) => verb !== undefined))].sort();
}

/** Changes when the stored version changes, so that clients can tell that objects should be migrated. */
function storageVersionHash({ group, storageVersion, kind }: ResourceDefinition): string {
  return createHash('sha256').update(`${group}/${storageVersion}/${kind}`).digest().subarray(0, 8).toString('base64');
}
