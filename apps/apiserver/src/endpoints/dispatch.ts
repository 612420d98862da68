import { badRequest, pathNotFound, type ResourceDefinition } from '@pilothouse/apimachinery';
import { PageNotFound } from '../http/page-not-found.ts';
import type { Resources } from '../registry/resources.ts';
import type { SubresourceEndpoints } from '../subresources/index.ts';
import type { RequestInfo } from '../request-info.ts';
import type { ApiRequest } from '../request.ts';
import { create } from './create.ts';
import { deleteCollection } from './delete-collection.ts';
import { deleteObject } from './delete.ts';
import { get } from './get.ts';
import { list } from './list.ts';
import { methodNotAllowed, refusedMethod } from './method-not-allowed.ts';
import { patch } from './patch.ts';
import { checkRouteMediaTypes } from './route-media-types.ts';
import type { Endpoint, Target } from './target.ts';
import { update } from './update.ts';
import { watch } from './watch.ts';
import type { WriteServices } from './write-services.ts';

export interface DispatchOptions {
  readonly resources: Resources;
  readonly services: WriteServices;
  readonly subresources: SubresourceEndpoints;
  /** What a POST to a resource that is not stored does, by `group/resource`. */
  readonly virtual: ReadonlyMap<string, Endpoint>;
}

/**
 * The end of the handler chain for resource requests: one look into a Map instead of a route per resource and verb,
 * and resources may come and go while the server runs.
 */
export function dispatcher({
  resources,
  services,
  subresources,
  virtual,
}: DispatchOptions): (request: ApiRequest) => Promise<void> {
  const verbs: Readonly<Record<string, Endpoint>> = {
    get,
    list,
    watch,
    create: create(services),
    update: update(services),
    patch: patch(services),
    delete: deleteObject(services),
    deletecollection: deleteCollection(services),
  };
  return async (request) => {
    const { info } = request;
    const resource = resources.find(info.apiGroup, info.resource);
    const served = resource?.versions.get(info.apiVersion);
    if (resource === undefined || served === undefined) {
      throw resources.servesBuiltIn(info.apiGroup) ? pathNotFound() : new PageNotFound();
    }
    const { definition } = resource;
    if (served.version.deprecationWarning) request.warnings.add(served.version.deprecationWarning);
    const name = info.parts[1] ?? '';
    const key = { namespace: definition.namespaced ? info.namespace : '', name };
    const target: Target = { resource, served, key };
    const isBuiltIn = served.version.schema.wire !== undefined;
    checkScope(info, definition, isBuiltIn);
    if (info.subresource !== '') return subresources.serve(request, target);
    const endpoint = (info.verb === 'create' && virtual.get(`${info.apiGroup}/${info.resource}`)) || verbs[info.verb];
    if (endpoint === undefined || !definition.verbs.includes(info.verb)) throw refusedMethod(target, info.verb);
    if (isBuiltIn) checkRoute(request, name);
    else if (name === '' && NEEDS_NAME.has(info.verb)) throw badRequest('name must be provided');
    await endpoint(request, target);
  };
}

/** Some resources of a namespace are asked for across all; nothing of a cluster lies in one. Throws 404 and 405. */
function checkScope(info: RequestInfo, { namespaced, resource }: ResourceDefinition, isBuiltIn: boolean): void {
  const isInside = info.namespace !== '' && resource !== 'namespaces';
  if (!namespaced && isInside) throw isBuiltIn ? pathNotFound() : new PageNotFound();
  if (!namespaced || info.namespace !== '' || READS.has(info.verb)) return;
  throw isBuiltIn ? methodNotAllowed() : new PageNotFound();
}

/** What upstream's router decides for built-in resources; custom ones are served past it. Throws 404, 405, 406 and 415. */
function checkRoute(request: ApiRequest, name: string): void {
  const { verb, parts } = request.info;
  if (parts.length > 2) throw pathNotFound();
  if (request.method === 'HEAD') throw methodNotAllowed();
  if (name !== '' ? verb === 'create' : NEEDS_NAME.has(verb)) throw methodNotAllowed();
  checkRouteMediaTypes(request, verb);
}

const READS = new Set(['list', 'watch']);
const NEEDS_NAME = new Set(['get', 'update', 'patch', 'delete']);
