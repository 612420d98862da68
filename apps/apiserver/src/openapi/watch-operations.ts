import { groupVersionPath, idPrefix, tagOf, type Operation } from './operation.ts';
import { LIST_PARAMETERS, PRETTY } from './query-parameters.ts';
import type { ServedResource } from './served-resource.ts';

const LIST_INSTEAD = "deprecated: use the 'watch' parameter with a list operation instead";
const ITEM_INSTEAD = `${LIST_INSTEAD}, filtered to a single item with the 'fieldSelector' parameter.`;

/** The paths below `/watch/`, from before lists had the parameter of that name: served and published still. */
export function watchOperations({ definition, version }: ServedResource): Operation[] {
  const { group, kind, resource, namespaced } = definition;
  const root = `${groupVersionPath(group, version)}/watch`;
  const collection = namespaced ? `${root}/namespaces/{namespace}/${resource}` : `${root}/${resource}`;
  const prefix = `watch${idPrefix(group, version)}`;
  const scoped = namespaced ? 'Namespaced' : '';
  const base = {
    method: 'get',
    body: 'none',
    answer: 'watchEvent',
    statuses: [],
    tag: tagOf(group, version),
    kind: { group, version, kind },
    parameters: [PRETTY, ...LIST_PARAMETERS],
  } as const;
  const list = {
    ...{ ...base, action: 'watchlist' },
    description: `watch individual changes to a list of ${kind}. ${LIST_INSTEAD}.`,
  };
  const operations: Operation[] = [{ ...list, path: collection, id: `${prefix}${scoped}${kind}List` }];
  if (definition.verbs.includes('get')) {
    operations.push({
      ...{ ...base, action: 'watch', path: `${collection}/{name}` },
      id: `${prefix}${scoped}${kind}`,
      description: `watch changes to an object of kind ${kind}. ${ITEM_INSTEAD}`,
    });
  }
  if (namespaced) operations.push({ ...list, path: `${root}/${resource}`, id: `${prefix}${kind}ListForAllNamespaces` });
  return operations;
}
