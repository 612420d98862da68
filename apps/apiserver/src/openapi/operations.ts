import type { ResourceDefinition, SubresourceDefinition } from '@pilothouse/apimachinery';

/** One HTTP method of one path, before it is written in either version of OpenAPI. */
export interface Operation {
  readonly path: string;
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete' | 'head' | 'options';
  /** upstream's `x-kubernetes-action`: get list post put patch delete deletecollection connect. */
  readonly action: string;
  readonly id: string;
  readonly description: string;
  readonly tag: string;
  readonly kind: { readonly group: string; readonly version: string; readonly kind: string };
  /** What the body and the answer are; `list` stands for the list kind. */
  readonly body: 'object' | 'patch' | 'deleteOptions' | 'none';
  readonly answer: 'object' | 'list' | 'status' | 'string';
  readonly parameters: readonly string[];
  readonly created: boolean;
}

const LIST_PARAMETERS = [
  'allowWatchBookmarks',
  'continue',
  'fieldSelector',
  'labelSelector',
  'limit',
  'resourceVersion',
  'resourceVersionMatch',
  'sendInitialEvents',
  'timeoutSeconds',
  'watch',
];
const WRITE_PARAMETERS = ['dryRun', 'fieldManager', 'fieldValidation'];
const DELETE_PARAMETERS = [
  'dryRun',
  'gracePeriodSeconds',
  'ignoreStoreReadErrorWithClusterBreakingPotential',
  'orphanDependents',
  'propagationPolicy',
];
const COLLECTION_DELETE_PARAMETERS = [
  'continue',
  'dryRun',
  'fieldSelector',
  'gracePeriodSeconds',
  'ignoreStoreReadErrorWithClusterBreakingPotential',
  'labelSelector',
  'limit',
  'orphanDependents',
  'propagationPolicy',
  'resourceVersion',
  'resourceVersionMatch',
  'sendInitialEvents',
  'timeoutSeconds',
];

export const groupVersionPath = (group: string, version: string): string =>
  group === '' ? `/api/${version}` : `/apis/${group}/${version}`;

/** `apps`, `v1` → `AppsV1`; `networking.k8s.io` → `Networking`, as upstream's operation ids have it. */
function idPrefix(group: string, version: string): string {
  const name =
    group === ''
      ? 'core'
      : group
          .replace(/\.k8s\.io$/, '')
          .replace(/\.authorization$/, 'Authorization')
          .replace(/\.apiserver$/, 'Apiserver');
  const camel = name.split(/[.-]/).map(capital).join('');
  return camel + capital(version);
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** Every operation of one served version of a resource, in the order of their paths. */
export function operationsOf(definition: ResourceDefinition, version: string): Operation[] {
  const { group, kind, resource, namespaced } = definition;
  const root = groupVersionPath(group, version);
  const collection = namespaced ? `${root}/namespaces/{namespace}/${resource}` : `${root}/${resource}`;
  const item = `${collection}/{name}`;
  const prefix = idPrefix(group, version);
  const scoped = namespaced ? 'Namespaced' : '';
  const base = {
    tag: prefix.charAt(0).toLowerCase() + prefix.slice(1).replace(/V(\d)/, '_v$1'),
    kind: { group, version, kind },
    created: false,
  };
  const has = (verb: string): boolean => definition.verbs.includes(verb);
  const operations: Operation[] = [];
  const add = (operation: Omit<Operation, 'tag' | 'kind' | 'created'> & Partial<Operation>): void => {
    operations.push({ ...base, ...operation });
  };

  if (has('list')) {
    add({
      path: collection,
      method: 'get',
      action: 'list',
      id: `list${prefix}${scoped}${kind}`,
      description: `list or watch objects of kind ${kind}`,
      body: 'none',
      answer: 'list',
      parameters: LIST_PARAMETERS,
    });
  }
  if (has('create')) {
    add({
      path: collection,
      method: 'post',
      action: 'post',
      id: `create${prefix}${scoped}${kind}`,
      description: `create ${article(kind)} ${kind}`,
      body: 'object',
      answer: 'object',
      parameters: WRITE_PARAMETERS,
      created: true,
    });
  }
  if (has('deletecollection')) {
    add({
      path: collection,
      method: 'delete',
      action: 'deletecollection',
      id: `delete${prefix}Collection${scoped}${kind}`,
      description: `delete collection of ${kind}`,
      body: 'deleteOptions',
      answer: 'status',
      parameters: COLLECTION_DELETE_PARAMETERS,
    });
  }
  if (has('get')) {
    add({
      path: item,
      method: 'get',
      action: 'get',
      id: `read${prefix}${scoped}${kind}`,
      description: `read the specified ${kind}`,
      body: 'none',
      answer: 'object',
      parameters: [],
    });
  }
  if (has('update')) {
    add({
      path: item,
      method: 'put',
      action: 'put',
      id: `replace${prefix}${scoped}${kind}`,
      description: `replace the specified ${kind}`,
      body: 'object',
      answer: 'object',
      parameters: WRITE_PARAMETERS,
      created: true,
    });
  }
  if (has('delete')) {
    add({
      path: item,
      method: 'delete',
      action: 'delete',
      id: `delete${prefix}${scoped}${kind}`,
      description: `delete ${article(kind)} ${kind}`,
      body: 'deleteOptions',
      answer: definition.strategy.deleteReturnsObject ? 'object' : 'status',
      parameters: DELETE_PARAMETERS,
    });
  }
  if (has('patch')) {
    add({
      path: item,
      method: 'patch',
      action: 'patch',
      id: `patch${prefix}${scoped}${kind}`,
      description: `partially update the specified ${kind}`,
      body: 'patch',
      answer: 'object',
      parameters: [...WRITE_PARAMETERS, 'force'],
      created: true,
    });
  }
  for (const subresource of definition.subresources)
    operations.push(...subresourceOperations(definition, subresource, version, item, prefix, base));
  if (has('list') && namespaced) {
    add({
      path: `${root}/${resource}`,
      method: 'get',
      action: 'list',
      id: `list${prefix}${kind}ForAllNamespaces`,
      description: `list or watch objects of kind ${kind}`,
      body: 'none',
      answer: 'list',
      parameters: LIST_PARAMETERS,
    });
  }
  return operations;
}

const article = (kind: string): string => (/^[AEIO]/.test(kind) ? 'an' : 'a');

const CONNECT_METHODS = ['get', 'post', 'put', 'patch', 'delete', 'head', 'options'] as const;
const METHOD_OF: Readonly<Record<string, 'get' | 'post' | 'put' | 'patch'>> = {
  get: 'get',
  create: 'post',
  update: 'put',
  patch: 'patch',
};
const VERB_OF: Readonly<Record<string, string>> = { get: 'read', create: 'create', update: 'replace', patch: 'patch' };

function subresourceOperations(
  definition: ResourceDefinition,
  subresource: SubresourceDefinition,
  version: string,
  item: string,
  prefix: string,
  base: Pick<Operation, 'tag' | 'kind' | 'created'>,
): Operation[] {
  const { kind, namespaced, group } = definition;
  const path = `${item}/${subresource.name}`;
  const scoped = namespaced ? 'Namespaced' : '';
  const suffix = `${scoped}${kind}${capital(subresource.name)}`;
  const ofKind = subresource.kind ?? { group, version, kind };
  if (subresource.verbs.includes('connect')) {
    return CONNECT_METHODS.filter((method) => subresource.methods?.includes(method.toUpperCase())).map((method) => ({
      ...base,
      ...{ path, method, action: 'connect', kind: ofKind, body: 'none', answer: 'string', parameters: [] },
      id: `connect${prefix}${capital(method)}${suffix}`,
      description: `connect ${method.toUpperCase()} requests to ${subresource.name} of ${kind}`,
    }));
  }
  return subresource.verbs.flatMap((verb): Operation[] => {
    const method = METHOD_OF[verb];
    if (method === undefined) return [];
    return [
      {
        ...base,
        path,
        method,
        action: method,
        id: `${VERB_OF[verb]}${prefix}${suffix}`,
        description: `${VERB_OF[verb] === 'patch' ? 'partially update' : VERB_OF[verb]} ${subresource.name} of the specified ${kind}`,
        kind: ofKind,
        body: verb === 'get' ? 'none' : verb === 'patch' ? 'patch' : 'object',
        answer: subresource.name === 'log' ? 'string' : 'object',
        parameters: verb === 'get' ? [] : verb === 'patch' ? [...WRITE_PARAMETERS, 'force'] : WRITE_PARAMETERS,
        created: verb !== 'get',
      },
    ];
  });
}

/** Query parameters by name: type and what they do. */
export const PARAMETERS: Readonly<
  Record<string, { readonly type: 'string' | 'integer' | 'boolean'; readonly description: string }>
> = {
  allowWatchBookmarks: { type: 'boolean', description: 'Ask for BOOKMARK events in a watch.' },
  continue: { type: 'string', description: 'Continue a list that was cut at its limit.' },
  dryRun: { type: 'string', description: "'All' runs every stage of the request but stores nothing." },
  fieldManager: { type: 'string', description: 'Name of the actor, to whom the changed fields are ascribed.' },
  fieldSelector: { type: 'string', description: 'Restrict to objects whose fields match.' },
  fieldValidation: {
    type: 'string',
    description: 'What to do about unknown and duplicate fields: Ignore, Warn or Strict.',
  },
  force: { type: 'boolean', description: 'Take fields from other managers when applying.' },
  gracePeriodSeconds: { type: 'integer', description: 'Seconds before the object is deleted; 0 deletes at once.' },
  ignoreStoreReadErrorWithClusterBreakingPotential: {
    type: 'boolean',
    description: 'Delete an object that cannot be read from the store.',
  },
  labelSelector: { type: 'string', description: 'Restrict to objects whose labels match.' },
  limit: { type: 'integer', description: 'At most so many items; the rest is behind a continue token.' },
  orphanDependents: { type: 'boolean', description: 'Deprecated: use propagationPolicy.' },
  propagationPolicy: { type: 'string', description: 'What becomes of dependents: Orphan, Background or Foreground.' },
  resourceVersion: { type: 'string', description: 'Which version to read from.' },
  resourceVersionMatch: { type: 'string', description: 'How resourceVersion is meant: Exact or NotOlderThan.' },
  sendInitialEvents: { type: 'boolean', description: 'Begin a watch with the objects that exist.' },
  timeoutSeconds: { type: 'integer', description: 'End the call after so many seconds.' },
  watch: { type: 'boolean', description: 'Stream changes instead of returning a list.' },
};
