import { notFound, pathNotFound, subresourcesIn } from '@pilothouse/apimachinery';
import { connectOptions } from '../connect/connect-options.ts';
import { admissionAttributes } from '../endpoints/admit.ts';
import { get } from '../endpoints/get.ts';
import { methodNotAllowed, refusedMethod } from '../endpoints/method-not-allowed.ts';
import { patch } from '../endpoints/patch.ts';
import { checkRouteMediaTypes } from '../endpoints/route-media-types.ts';
import { writeContext, type Target } from '../endpoints/target.ts';
import { update } from '../endpoints/update.ts';
import type { WriteServices } from '../endpoints/write-services.ts';
import type { ApiRequest } from '../request.ts';
import type { SubresourceVerbs } from './subresource-endpoint.ts';

export interface SubresourceEndpoints {
  serve(request: ApiRequest, target: Target): Promise<void>;
}

/**
 * Subresources by `<group>/<resource>/<name>`, or by name alone where all resources share the behaviour. A view on the
 * same object (status, approval, finalize …) needs no entry: its rules are hooks of its definition.
 */
export function subresourceEndpoints(
  services: WriteServices,
  special: Readonly<Record<string, SubresourceVerbs>>,
): SubresourceEndpoints {
  const view: SubresourceVerbs = { get, update: update(services), patch: patch(services) };
  return {
    async serve(request, target) {
      const { definition } = target.resource;
      const { info } = request;
      const subresource = subresourcesIn(definition, target.served.version.version).find(
        (each) => each.name === info.subresource,
      );
      const isBuiltIn = target.served.version.schema.wire !== undefined;
      if (subresource === undefined) throw isBuiltIn ? pathNotFound() : notFound(definition, target.key.name);
      const verbs =
        special[`${definition.group}/${definition.resource}/${subresource.name}`] ?? special[subresource.name] ?? view;
      const connects = subresource.verbs.includes('connect');
      if (info.parts.length > 3 && subresource.name !== 'proxy') throw pathNotFound();
      const verb = connects ? 'connect' : info.verb;
      const allowed = connects ? subresource.methods?.includes(request.method) : subresource.verbs.includes(verb);
      const endpoint = verbs[verb as keyof SubresourceVerbs];
      if (!allowed || endpoint === undefined) throw refusedMethod(target, info.verb);
      if (!connects && isBuiltIn) {
        if (request.method === 'HEAD') throw methodNotAllowed();
        checkRouteMediaTypes(request, verb);
      }
      const subtarget = { ...target, subresource };
      if (connects) await admitConnect(services, request, subtarget);
      await endpoint(request, subtarget);
    },
  };
}

/** A connect passes admission with its options as the object. */
async function admitConnect({ admission }: WriteServices, request: ApiRequest, target: Target): Promise<void> {
  const object = connectOptions(target, request.query, proxyPath(request));
  const context = writeContext(request, target, false);
  await admission.admit(admissionAttributes(request, target, 'CONNECT', context, object ? { object } : {}));
}

/** What follows `…/proxy`, as upstream's options have it: empty, or with the slashes at both ends that were asked for. */
function proxyPath({ info }: ApiRequest): string {
  const rest = info.parts.slice(3).join('/');
  const path = rest === '' ? '' : `/${rest}`;
  return info.path.endsWith('/') ? `${path}/` : path;
}
