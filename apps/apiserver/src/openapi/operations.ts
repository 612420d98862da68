import { subresourcesIn, type ResourceDefinition } from '@pilothouse/apimachinery';
import { groupVersionPath, idPrefix, tagOf, type Operation } from './operation.ts';
import {
  COLLECTION_DELETE_PARAMETERS,
  DELETE_PARAMETERS,
  GET_PARAMETERS,
  LIST_PARAMETERS,
  PATCH_PARAMETERS,
  PRETTY,
  WRITE_PARAMETERS,
} from './query-parameters.ts';
import { isCustom, type ServedResource } from './served-resource.ts';
import { subresourceOperations } from './subresource-operations.ts';
import { watchOperations } from './watch-operations.ts';

/** Every operation of one served version of a resource. */
export function operationsOf(served: ServedResource): Operation[] {
  const { definition, version } = served;
  const { group, resource, namespaced } = definition;
  const root = groupVersionPath(group, version);
  const collection = namespaced ? `${root}/namespaces/{namespace}/${resource}` : `${root}/${resource}`;
  const operations = mainOperations(served, root, collection);
  for (const subresource of subresourcesIn(definition, version)) {
    operations.push(...subresourceOperations(served, subresource, `${collection}/{name}`));
  }
  // Upstream never published the old watch paths of custom resources.
  if (!isCustom(served) && definition.verbs.includes('watch')) operations.push(...watchOperations(served));
  return operations;
}

function mainOperations(served: ServedResource, root: string, collection: string): Operation[] {
  const { definition, version } = served;
  const { group, kind, resource, namespaced } = definition;
  const custom = isCustom(served);
  const prefix = idPrefix(group, version);
  const scoped = namespaced ? 'Namespaced' : '';
  const base = { tag: tagOf(group, version), kind: { group, version, kind }, statuses: [] };
  const item = `${collection}/{name}`;
  const listed = `list ${definition.verbs.includes('watch') ? 'or watch ' : ''}objects of kind ${kind}`;
  const all: readonly (Operation & { readonly verb: string })[] = [
    {
      ...base,
      ...{ verb: 'list', path: collection, method: 'get', action: 'list', body: 'none', answer: 'list' },
      id: `list${prefix}${scoped}${kind}`,
      description: listed,
      parameters: [PRETTY, ...LIST_PARAMETERS],
    },
    {
      ...base,
      ...{ verb: 'create', path: collection, method: 'post', action: 'post', body: 'object', answer: 'object' },
      id: `create${prefix}${scoped}${kind}`,
      description: `create ${withArticle(definition)}`,
      parameters: [PRETTY, ...WRITE_PARAMETERS],
      statuses: [201, 202],
    },
    {
      ...base,
      ...{ verb: 'deletecollection', path: collection, method: 'delete', action: 'deletecollection' },
      ...{ body: 'deleteOptions', answer: 'status' },
      id: `delete${prefix}Collection${scoped}${kind}`,
      description: `delete collection of ${kind}`,
      parameters: [PRETTY, ...COLLECTION_DELETE_PARAMETERS],
    },
    {
      ...base,
      ...{ verb: 'get', path: item, method: 'get', action: 'get', body: 'none', answer: 'object' },
      id: `read${prefix}${scoped}${kind}`,
      description: `read the specified ${kind}`,
      parameters: [PRETTY, ...(custom ? GET_PARAMETERS : [])],
    },
    {
      ...base,
      ...{ verb: 'update', path: item, method: 'put', action: 'put', body: 'object', answer: 'object' },
      id: `replace${prefix}${scoped}${kind}`,
      description: `replace the specified ${kind}`,
      parameters: [PRETTY, ...WRITE_PARAMETERS],
      statuses: [201],
    },
    {
      ...base,
      ...{ verb: 'delete', path: item, method: 'delete', action: 'delete', body: 'deleteOptions' },
      answer: definition.strategy.deleteReturnsObject ? 'object' : 'status',
      id: `delete${prefix}${scoped}${kind}`,
      description: `delete ${withArticle(definition)}`,
      parameters: [PRETTY, ...DELETE_PARAMETERS],
      statuses: [202],
    },
    {
      ...base,
      ...{ verb: 'patch', path: item, method: 'patch', action: 'patch', body: 'patch', answer: 'object' },
      id: `patch${prefix}${scoped}${kind}`,
      description: `partially update the specified ${kind}`,
      parameters: [PRETTY, ...PATCH_PARAMETERS],
      statuses: custom ? [] : [201],
    },
    {
      ...base,
      ...{ verb: 'list', path: `${root}/${resource}`, method: 'get', action: 'list', body: 'none', answer: 'list' },
      id: `list${prefix}${kind}ForAllNamespaces`,
      description: listed,
      parameters: [PRETTY, ...LIST_PARAMETERS],
    },
  ];
  return (namespaced ? all : all.slice(0, -1)).filter(({ verb }) => definition.verbs.includes(verb));
}

/** `a Pod`, `an Ingress`; a kind that is a plural itself has no article. */
function withArticle({ kind, resource }: ResourceDefinition): string {
  if (kind.toLowerCase() === resource) return kind;
  return `${/^[AEIO]/.test(kind) ? 'an' : 'a'} ${kind}`;
}
