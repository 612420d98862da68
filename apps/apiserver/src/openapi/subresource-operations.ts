import type { SubresourceDefinition } from '@pilothouse/apimachinery';
import { capital, idPrefix, tagOf, type Operation } from './operation.ts';
import {
  GET_PARAMETERS,
  optionParameters,
  PATCH_PARAMETERS,
  PRETTY,
  WRITE_PARAMETERS,
  type QueryParameter,
} from './query-parameters.ts';
import { isCustom, type ServedResource } from './served-resource.ts';

const CONNECT_METHODS = ['get', 'post', 'put', 'patch', 'delete', 'head', 'options'] as const;

/** Those of a subresource that is read and written. */
const VERBS = {
  get: { method: 'get', word: 'read', done: 'read', body: 'none', parameters: [], statuses: [] },
  create: {
    method: 'post',
    word: 'create',
    done: 'create',
    body: 'object',
    parameters: WRITE_PARAMETERS,
    statuses: [201, 202],
  },
  update: {
    method: 'put',
    word: 'replace',
    done: 'replace',
    body: 'object',
    parameters: WRITE_PARAMETERS,
    statuses: [201],
  },
  patch: {
    method: 'patch',
    word: 'patch',
    done: 'partially update',
    body: 'patch',
    parameters: PATCH_PARAMETERS,
    statuses: [201],
  },
} as const;

const LOG = 'log';

/** The operations of one subresource, whose parent is at the path `item`. */
export function subresourceOperations(
  served: ServedResource,
  subresource: SubresourceDefinition,
  item: string,
): Operation[] {
  if (subresource.verbs.includes('connect')) return connectOperations(served, subresource, item);
  const { definition, version } = served;
  const { kind, group } = definition;
  const custom = isCustom(served);
  const { name } = subresource;
  return subresource.verbs.flatMap((verb): Operation[] => {
    if (!Object.hasOwn(VERBS, verb)) return [];
    const { method, word, done, body, parameters, statuses } = VERBS[verb as keyof typeof VERBS];
    const extra: readonly QueryParameter[] =
      name === LOG ? optionParameters('PodLogOptions') : custom && verb === 'get' ? GET_PARAMETERS : parameters;
    return [
      {
        ...{ path: `${item}/${name}`, method, action: method, body },
        id: `${word}${idPrefix(group, version)}${suffixOf(served, subresource)}`,
        description: `${done} ${name} of ${verb === 'create' ? 'a' : 'the specified'} ${kind}`,
        tag: tagOf(group, version),
        kind: subresource.kind ?? { group, version, kind },
        answer: name === LOG ? 'string' : 'object',
        parameters: [PRETTY, ...extra],
        statuses: custom && verb === 'patch' ? [] : statuses,
        ...(name === LOG ? { produces: LOG_TYPES } : {}),
      },
    ];
  });
}

const LOG_TYPES = ['text/plain', 'application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf'];

/** Of what is passed on to another server; a proxy takes any path below its own, too. */
function connectOperations(served: ServedResource, subresource: SubresourceDefinition, item: string): Operation[] {
  const { definition, version } = served;
  const { group, kind } = definition;
  const { name } = subresource;
  const ofKind = subresource.kind ?? { group, version, kind };
  const path = `${item}/${name}`;
  const paths = name === 'proxy' ? [path, `${path}/{path}`] : [path];
  const methods = CONNECT_METHODS.filter((method) => subresource.methods?.includes(method.toUpperCase()));
  return paths.flatMap((each) =>
    methods.map((method): Operation => {
      const withPath = each === path ? '' : 'WithPath';
      return {
        ...{ path: each, method, action: 'connect', body: 'none', answer: 'string', statuses: [] },
        id: `connect${idPrefix(group, version)}${capital(method)}${suffixOf(served, subresource)}${withPath}`,
        description: `connect ${method.toUpperCase()} requests to ${name} of ${kind}`,
        tag: tagOf(group, version),
        kind: ofKind,
        parameters: optionParameters(ofKind.kind),
      };
    }),
  );
}

function suffixOf({ definition: { namespaced, kind } }: ServedResource, { name }: SubresourceDefinition): string {
  return `${namespaced ? 'Namespaced' : ''}${kind}${capital(name)}`;
}
