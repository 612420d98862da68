import type { KubeObject, Status } from '@pilothouse/apimachinery';
import { respondStatus } from '../http/respond-error.ts';
import type { DeleteOptions } from '../registry/deletion.ts';
import type { ApiRequest } from '../request.ts';
import { admissionAttributes, deleteOptionsObject } from './admit.ts';
import { readDeleteOptions } from './delete-options.ts';
import { acceptObject, respondObject } from './respond-object.ts';
import { writeContext, type Endpoint, type Target } from './target.ts';
import type { WriteServices } from './write-services.ts';

/** DELETE of one object. */
export const deleteObject =
  ({ admission }: WriteServices): Endpoint =>
  async (request, target) => {
    const { resource, served, key } = target;
    const accepted = acceptObject(request, served);
    const options = await readDeleteOptions(request);
    const context = writeContext(request, target, (options.dryRun ?? []).length > 0);
    const result = await resource.registry.delete(key, options, context, (_object, old) =>
      admission.admit(
        admissionAttributes(request, target, 'DELETE', context, {
          options: deleteOptionsObject(options),
          ...(old === undefined ? {} : { oldObject: old }),
        }),
      ),
    );
    if (!result.gone || resource.definition.strategy.deleteReturnsObject) {
      return respondObject(request, codeOf(options, result.gone), served, result.object, accepted);
    }
    await respondDeleted(request, target, result.object.object);
  };

/** 202 only for the oldest way to ask that dependents be deleted first. */
function codeOf(options: DeleteOptions, gone: boolean): number {
  return !gone && options.orphanDependents === false ? 202 : 200;
}

function respondDeleted(request: ApiRequest, { resource: { definition } }: Target, object: KubeObject): Promise<void> {
  const status: Status = {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
    details: {
      name: object.metadata?.name ?? '',
      ...(definition.group ? { group: definition.group } : {}),
      kind: definition.resource,
      ...(object.metadata?.uid ? { uid: object.metadata.uid } : {}),
    },
  };
  return respondStatus(request, status);
}
