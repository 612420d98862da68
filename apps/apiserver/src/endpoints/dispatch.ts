import { pathNotFound } from '@pilothouse/apimachinery';
import { PageNotFound } from '../http/page-not-found.ts';
import type { Resources } from '../registry/resources.ts';
import type { SubresourceEndpoints } from '../subresources/index.ts';
import type { ApiRequest } from '../request.ts';
import { create } from './create.ts';
import { deleteCollection } from './delete-collection.ts';
import { deleteObject } from './delete.ts';
import { get } from './get.ts';
import { list } from './list.ts';
import { methodNotAllowed } from './method-not-allowed.ts';
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
    // Some resources of a namespace are asked for across all; nothing of a cluster lies in one.
    if (!definition.namespaced && info.namespace !== '' && info.resource !== 'namespaces') throw pathNotFound();
    const name = info.parts[1] ?? '';
    const key = { namespace: definition.namespaced ? info.namespace : '', name };
    const target: Target = { resource, served, key };
    if (info.subresource !== '') return subresources.serve(request, target);
    if (info.parts.length > 2) throw pathNotFound();
    // Upstream's router knows no HEAD; custom resources are served past it.
    if (request.method === 'HEAD' && served.version.schema.wire) throw methodNotAllowed();
    const endpoint = (info.verb === 'create' && virtual.get(`${info.apiGroup}/${info.resource}`)) || verbs[info.verb];
    const acrossNamespaces = definition.namespaced && info.namespace === '';
    if (
      endpoint === undefined ||
      !definition.verbs.includes(info.verb) ||
      (acrossNamespaces && !READS.has(info.verb))
    ) {
      throw methodNotAllowed();
    }
    if (name !== '' && info.verb === 'create') throw methodNotAllowed();
    if (name === '' && NEEDS_NAME.has(info.verb)) throw methodNotAllowed();
    if (served.version.schema.wire) checkRouteMediaTypes(request, info.verb);
    await endpoint(request, target);
  };
}

const READS = new Set(['list', 'watch']);
const NEEDS_NAME = new Set(['get', 'update', 'patch', 'delete']);
