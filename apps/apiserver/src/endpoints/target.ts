import type { SubresourceDefinition } from '@pilothouse/apimachinery';
import type { ObjectName } from '@pilothouse/storage';
import type { ServedResource } from '../registry/resources.ts';
import type { ServedVersion } from '../registry/served-version.ts';
import type { ApiRequest } from '../request.ts';
import type { WriteContext } from '../registry/write-context.ts';

/** What a resource request is aimed at, looked up. */
export interface Target {
  readonly resource: ServedResource;
  readonly served: ServedVersion;
  readonly subresource?: SubresourceDefinition;
  /** The name is empty for requests on a collection. */
  readonly key: ObjectName;
}

/** A verb: answers the request, or throws a StatusError. */
export type Endpoint = (request: ApiRequest, target: Target) => Promise<void>;

export function writeContext(request: ApiRequest, target: Target, dryRun: boolean): WriteContext {
  return {
    now: request.receivedAt,
    user: request.user,
    namespace: target.key.namespace,
    version: target.served.version.version,
    served: target.served,
    dryRun,
    warn: (text) => request.warnings.add(text),
  };
}
