import type { KubeObject } from '@pilothouse/apimachinery';
import type { AdmissionAttributes, Operation } from '../admission/attributes.ts';
import type { ApiRequest } from '../request.ts';
import type { DeleteOptions } from '../registry/deletion.ts';
import type { WriteContext } from '../registry/write-context.ts';
import type { Target } from './target.ts';

/** The attributes of a request for admission. */
export function admissionAttributes(
  request: ApiRequest,
  target: Target,
  operation: Operation,
  context: WriteContext,
  objects: { object?: KubeObject; oldObject?: KubeObject; options?: KubeObject; requestName?: string },
): AdmissionAttributes {
  const { definition } = target.resource;
  return {
    operation,
    definition,
    version: target.served.version.version,
    subresource: target.subresource?.name ?? '',
    namespace: definition.namespaced ? target.key.namespace : namespaceOf(target),
    name: target.key.name || objects.object?.metadata?.name || (objects.object?.metadata?.generateName ?? ''),
    requestName: objects.requestName ?? (target.key.name || (objects.object?.metadata?.name ?? '')),
    user: request.user,
    dryRun: context.dryRun,
    now: context.now,
    warn: context.warn,
    annotate: (key, value) => request.audit.annotations.set(key, value),
    auditsObjects: request.audit.showsObjects,
    // Only those who call out ask for it.
    get options() {
      return objects.options ?? writeOptionsOf(operation, request.query);
    },
    ...(objects.object ? { object: objects.object } : {}),
    ...(objects.oldObject ? { oldObject: objects.oldObject } : {}),
  };
}

/** A Namespace is, for admission, in itself. */
function namespaceOf({ resource: { definition }, key }: Target): string {
  return definition.group === '' && definition.resource === 'namespaces' ? key.name : '';
}

const OPTIONS_KIND: Readonly<Record<Operation, string | undefined>> = {
  CREATE: 'CreateOptions',
  UPDATE: 'UpdateOptions',
  DELETE: 'DeleteOptions',
  CONNECT: undefined,
};

/** The query parameters of a write as the object that they stand for; a patch's are told as an update's. */
function writeOptionsOf(operation: Operation, query: URLSearchParams): KubeObject | undefined {
  const kind = OPTIONS_KIND[operation];
  if (kind === undefined) return undefined;
  const dryRun = query.getAll('dryRun').filter((each) => each !== '');
  const [fieldManager, fieldValidation] = [query.get('fieldManager'), query.get('fieldValidation')];
  return {
    kind,
    apiVersion: 'meta.k8s.io/v1',
    ...(dryRun.length > 0 ? { dryRun } : {}),
    ...(fieldManager ? { fieldManager } : {}),
    ...(fieldValidation && operation !== 'DELETE' ? { fieldValidation } : {}),
  } as KubeObject;
}

/** A delete's options as the object that they are. */
export function deleteOptionsObject(options: DeleteOptions): KubeObject {
  return { kind: 'DeleteOptions', apiVersion: 'meta.k8s.io/v1', ...options } as KubeObject;
}
