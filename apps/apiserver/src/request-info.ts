import { isTrue } from './endpoints/query-values.ts';

/**
 * What a request is about, read from its method and path alone: the input of authorization, flow control, audit and
 * metrics. Rules of upstream's `RequestInfoFactory` (k8s.io/apiserver/pkg/endpoints/request).
 */
export interface RequestInfo {
  readonly isResource: boolean;
  readonly path: string;
  /** `get list watch create update patch delete deletecollection`, or the method in lower case for other paths. */
  readonly verb: string;
  /** `api` or `apis`. */
  readonly apiPrefix: string;
  readonly apiGroup: string;
  readonly apiVersion: string;
  readonly namespace: string;
  readonly resource: string;
  readonly subresource: string;
  readonly name: string;
  /** All segments from the resource on. */
  readonly parts: readonly string[];
  readonly fieldSelector: string;
  readonly labelSelector: string;
}

const VERB_OF_METHOD: Readonly<Record<string, string>> = {
  POST: 'create',
  GET: 'get',
  HEAD: 'get',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
};

/** Subresources of a namespace, which would else read as resources inside it. */
const NAMESPACE_SUBRESOURCES = new Set(['status', 'finalize']);

export function parseRequestInfo(
  method: string,
  path: string,
  segments: readonly string[],
  query: URLSearchParams,
): RequestInfo {
  const prefix = segments[0] ?? '';
  const isApi = (prefix === 'api' && segments.length >= 3) || (prefix === 'apis' && segments.length >= 4);
  if (!isApi) return nonResource(method, path);

  const apiGroup = prefix === 'api' ? '' : segments[1]!;
  const apiVersion = prefix === 'api' ? segments[1]! : segments[2]!;
  let rest = segments.slice(prefix === 'api' ? 2 : 3);
  let verb = VERB_OF_METHOD[method] ?? '';
  // The old way to ask for a watch: /api/v1/watch/pods.
  if (rest[0] === 'watch' && rest.length > 1) {
    verb = 'watch';
    rest = rest.slice(1);
  }
  let namespace = '';
  if (rest[0] === 'namespaces' && rest.length > 1) {
    namespace = rest[1]!;
    if (rest.length > 2 && !NAMESPACE_SUBRESOURCES.has(rest[2]!)) rest = rest.slice(2);
  }
  let [resource = '', name = '', subresource = ''] = rest;
  const fieldSelector = query.get('fieldSelector') ?? '';
  if (name === '' && verb === 'get') {
    verb = isTrue(query.get('watch')) ? 'watch' : 'list';
  }
  if (name === '' && (verb === 'list' || verb === 'watch' || verb === 'delete')) {
    name = nameInFieldSelector(fieldSelector);
    if (verb === 'delete') {
      verb = 'deletecollection';
      name = '';
    }
  }
  return {
    isResource: true,
    path,
    verb,
    apiPrefix: prefix,
    apiGroup,
    apiVersion,
    namespace,
    resource,
    subresource,
    name,
    parts: rest,
    fieldSelector,
    labelSelector: query.get('labelSelector') ?? '',
  };
}

function nonResource(method: string, path: string): RequestInfo {
  return {
    isResource: false,
    path,
    verb: method.toLowerCase(),
    apiPrefix: '',
    apiGroup: '',
    apiVersion: '',
    namespace: '',
    resource: '',
    subresource: '',
    name: '',
    parts: [],
    fieldSelector: '',
    labelSelector: '',
  };
}

/** `metadata.name=x` lets a list or watch of one object be authorized by name. */
function nameInFieldSelector(selector: string): string {
  for (const requirement of selector.split(',')) {
    const match = /^metadata\.name==?([^=!]+)$/.exec(requirement.trim());
    if (match) return isPathSegment(match[1]!) ? match[1]! : '';
  }
  return '';
}

/** What no path could name is no name either. Upstream: path.IsValidPathSegmentName. */
function isPathSegment(name: string): boolean {
  return name !== '.' && name !== '..' && !/[/%]/.test(name);
}
