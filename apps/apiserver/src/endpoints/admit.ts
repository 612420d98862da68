import type { KubeObject } from '@pilothouse/apimachinery';
import type { AdmissionAttributes, Operation } from '../admission/attributes.ts';
import type { ApiRequest } from '../request.ts';
import type { WriteContext } from '../registry/write-context.ts';
import type { Target } from './target.ts';

/** The attributes of a request for admission. */
export function admissionAttributes(
  request: ApiRequest,
  target: Target,
  operation: Operation,
  context: WriteContext,
  objects: { object?: KubeObject; oldObject?: KubeObject },
): AdmissionAttributes {
  const { definition } = target.resource;
  return {
    operation,
    definition,
    version: target.served.version.version,
    subresource: target.subresource?.name ?? '',
    namespace: definition.namespaced ? target.key.namespace : namespaceOf(target),
    name: target.key.name || (objects.object?.metadata?.name ?? ''),
    user: request.user,
    dryRun: context.dryRun,
    now: context.now,
    warn: context.warn,
    ...objects,
  };
}

/** A Namespace is, for admission, in itself. */
function namespaceOf({ resource: { definition }, key }: Target): string {
  return definition.group === '' && definition.resource === 'namespaces' ? key.name : '';
}
