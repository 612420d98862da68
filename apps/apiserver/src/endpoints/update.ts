import { deepClone } from '@pilothouse/apimachinery';
import { requireName } from '../registry/before-update.ts';
import { dedupeOwners, matchNamespace, OWNERS_AFTER_ADMISSION } from '../registry/metadata.ts';
import { trackUpdate } from '../managed-fields/field-managers.ts';
import { admissionAttributes } from './admit.ts';
import { authorizeCreate } from './authorize-create.ts';
import { readObject } from './read-object.ts';
import { acceptObject, respondObject } from './respond-object.ts';
import { writeContext, type Endpoint } from './target.ts';
import { readWriteOptions } from './write-options.ts';
import type { WriteServices } from './write-services.ts';

/** PUT to an object, or to its status or another view of it. */
export const update =
  (services: WriteServices): Endpoint =>
  async (request, target) => {
    const { admission } = services;
    const { resource, served, key } = target;
    const accepted = acceptObject(request, served);
    const options = readWriteOptions(request, 'UpdateOptions');
    const context = writeContext(request, target, options.dryRun);
    const body = await readObject(request, target, options);
    matchNamespace(resource.definition, body, key.namespace);
    requireName(body, key);
    dedupeOwners(body, context.warn);
    const subresource = target.subresource?.name;
    const result = await resource.registry.update(
      key,
      async (current) => {
        if (current) await served.prepare([current]);
        const live = current && served.view(current);
        const tracked = await trackUpdate(resource, served, live, deepClone(body), {
          manager: options.fieldManager,
          now: context.now,
          ...(subresource ? { subresource } : {}),
        });
        const object = served.toWrite(tracked);
        const operation = current ? 'UPDATE' : 'CREATE';
        const objects = { object, ...(current ? { oldObject: await served.underWrite(current) } : {}) };
        await admission.mutate(admissionAttributes(request, target, operation, context, objects));
        dedupeOwners(object, context.warn, OWNERS_AFTER_ADMISSION);
        return object;
      },
      context,
      {
        ...(target.subresource ? { subresource: target.subresource } : {}),
        ...(body.metadata?.uid ? { uid: body.metadata.uid } : {}),
        validateAdmission: async (object, old) => {
          if (old === undefined) await authorizeCreate(services, request);
          const objects = { object, ...(old ? { oldObject: old } : {}) };
          await admission.validate(admissionAttributes(request, target, old ? 'UPDATE' : 'CREATE', context, objects));
        },
      },
    );
    await respondObject(request, result.created ? 201 : 200, served, result.object, accepted);
  };
