import type { KubeObject } from '@pilothouse/apimachinery';
import { dedupeOwners, matchNamespace, OWNERS_AFTER_ADMISSION, wipeSystemMetadata } from '../registry/metadata.ts';
import { trackUpdate } from '../managed-fields/field-managers.ts';
import { admissionAttributes } from './admit.ts';
import { readObject } from './read-object.ts';
import { acceptObject, respondObject } from './respond-object.ts';
import { writeContext, type Endpoint } from './target.ts';
import { readWriteOptions } from './write-options.ts';
import type { WriteServices } from './write-services.ts';

/** POST to a collection. */
export const create =
  ({ admission }: WriteServices): Endpoint =>
  async (request, target) => {
    const { resource, served } = target;
    const accepted = acceptObject(request, served);
    const options = readWriteOptions(request, 'CreateOptions');
    const context = writeContext(request, target, options.dryRun);
    let object = await readObject(request, target, options);
    matchNamespace(resource.definition, object, target.key.namespace);
    dedupeOwners(object, context.warn);
    const tracking = { manager: options.fieldManager, now: context.now };
    object = served.toWrite(await trackUpdate(resource, served, undefined, object, tracking));
    // The server's own metadata and a generated name come after admission has had its say.
    wipeSystemMetadata(object);
    const requestName = object.metadata?.name ?? '';
    await admission.mutate(admissionAttributes(request, target, 'CREATE', context, { object, requestName }));
    dedupeOwners(object, context.warn, OWNERS_AFTER_ADMISSION);
    const stored = await resource.registry.create(object, context, (toStore: KubeObject) =>
      admission.validate(admissionAttributes(request, target, 'CREATE', context, { object: toStore, requestName })),
    );
    await respondObject(request, 201, served, stored, accepted);
  };
