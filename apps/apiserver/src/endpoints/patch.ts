import { unsupportedMediaType, type KubeObject } from '@pilothouse/apimachinery';
import { bodyText, readBody } from '../http/read-body.ts';
import { parseMediaType } from '../negotiation/media-types.ts';
import { dedupeOwners, OWNERS_AFTER_ADMISSION } from '../registry/metadata.ts';
import { applyDefaults } from '../registry/storage-codec.ts';
import { trackUpdate } from '../managed-fields/field-managers.ts';
import { admissionAttributes } from './admit.ts';
import { authorizeCreate } from './authorize-create.ts';
import { jsonPatcher, PATCH_MEDIA_TYPES, type PatchTarget, type PatchType } from './apply-patch.ts';
import { applyConfiguration } from './apply-configuration.ts';
import { acceptObject, respondObject } from './respond-object.ts';
import { writeContext, type Endpoint, type Target } from './target.ts';
import { readWriteOptions } from './write-options.ts';
import type { WriteServices } from './write-services.ts';

/** https://kubernetes.io/docs/reference/using-api/api-concepts/#patch-and-apply */
export const patch =
  (services: WriteServices): Endpoint =>
  async (request, target) => {
    const { admission } = services;
    const { resource, served, key } = target;
    const type = patchType(request.headers['content-type'], served.version.schema.wire !== undefined);
    const accepted = acceptObject(request, served);
    const options = readWriteOptions(request, 'PatchOptions');
    const context = writeContext(request, target, options.dryRun);
    const text = bodyText(await readBody(request));
    const subresource = target.subresource?.name;
    const patcher =
      type === 'apply'
        ? applyConfiguration(text, { resource, served, options, request, key, ...(subresource ? { subresource } : {}) })
        : jsonPatcher(type, text, { target: patchTargetOf(target), options, request });
    const result = await resource.registry.update(
      key,
      async (current) => {
        if (current) await served.prepare([current]);
        const live = current && served.view(current);
        const patched = await patcher(live);
        applyDefaults(served.version, patched);
        const tracked =
          type === 'apply'
            ? patched
            : await trackUpdate(resource, served, live, patched, {
                manager: options.fieldManager,
                now: context.now,
                ...(subresource ? { subresource } : {}),
              });
        const object: KubeObject = served.toWrite(tracked);
        const operation = current ? 'UPDATE' : 'CREATE';
        const objects = { object, ...(current ? { oldObject: await served.underWrite(current) } : {}) };
        await admission.mutate(admissionAttributes(request, target, operation, context, objects));
        dedupeOwners(object, context.warn, OWNERS_AFTER_ADMISSION);
        return object;
      },
      context,
      {
        allowCreate: type === 'apply' && subresource === undefined,
        ...(target.subresource ? { subresource: target.subresource } : {}),
        validateAdmission: async (object, old) => {
          if (old === undefined) await authorizeCreate(services, request);
          const objects = { object, ...(old ? { oldObject: old } : {}) };
          await admission.validate(admissionAttributes(request, target, old ? 'UPDATE' : 'CREATE', context, objects));
        },
      },
    );
    await respondObject(request, result.created ? 201 : 200, served, result.object, accepted);
  };

function patchTargetOf({ resource: { definition }, served, key }: Target): PatchTarget {
  const { kind } = definition;
  return {
    schema: served.version.schema,
    kind,
    apiVersion: served.apiVersion,
    resource: definition,
    name: key.name,
  };
}

export function patchType(contentType: string | undefined, isBuiltIn: boolean): PatchType {
  const type = PATCH_MEDIA_TYPES.get(parseMediaType(contentType ?? '').type);
  // A strategic merge needs merge keys, which only built-in types declare.
  if (type === undefined || (type === 'strategic' && !isBuiltIn)) {
    const accepted = [...PATCH_MEDIA_TYPES]
      .filter(([, each]) => isBuiltIn || each !== 'strategic')
      .map(([name]) => name);
    throw unsupportedMediaType(accepted);
  }
  return type;
}
