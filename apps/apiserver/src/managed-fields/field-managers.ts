import {
  ConversionPending,
  decodeJsonValue,
  FieldManager,
  FieldSet,
  formatApiVersion,
  type KindVersions,
  type KubeObject,
  type ResourceDefinition,
} from '@pilothouse/apimachinery';
import { hasStatusSubresource } from '../registry/keep-status.ts';
import type { ServedResource } from '../registry/resources.ts';
import type { ServedVersion } from '../registry/served-version.ts';
import { KnownConversions } from './known-conversions.ts';

const managers = new WeakMap<ServedVersion, Map<string, FieldManager>>();

/**
 * Runs `act` with what knows who owns which field, for one endpoint: a version of a resource, or a view of it. Where a
 * webhook converts between versions, `act` is run again for each answer that it needs.
 */
export async function withFieldManager<T>(
  resource: ServedResource,
  served: ServedVersion,
  subresource: string | undefined,
  act: (manager: FieldManager) => T,
): Promise<T> {
  if (served.version.remote === undefined) return act(fieldManagerOf(resource, served, subresource));
  const known = new KnownConversions(resource);
  const manager = newFieldManager(resource, served, subresource, (object, apiVersion) => {
    const converted = object.apiVersion === apiVersion ? object : known.get(object, apiVersion);
    if (converted === undefined) throw new ConversionPending(object, apiVersion);
    return converted;
  });
  for (;;) {
    try {
      return act(manager);
    } catch (error) {
      if (!(error instanceof ConversionPending)) throw error;
      await known.ask(error);
    }
  }
}

/** Made on first use. */
function fieldManagerOf(resource: ServedResource, served: ServedVersion, subresource = ''): FieldManager {
  let bySubresource = managers.get(served);
  if (bySubresource === undefined) managers.set(served, (bySubresource = new Map()));
  let manager = bySubresource.get(subresource);
  if (manager === undefined) {
    manager = newFieldManager(resource, served, subresource, converterOf(resource));
    bySubresource.set(subresource, manager);
  }
  return manager;
}

function newFieldManager(
  resource: ServedResource,
  served: ServedVersion,
  subresource: string | undefined,
  convert: KindVersions['convert'],
): FieldManager {
  const { apiVersion, definition } = served;
  const { kind } = definition;
  const schemas = new Map([...resource.versions.values()].map((each) => [each.apiVersion, each.version.schema]));
  return new FieldManager({
    schemaFor: (version) => schemas.get(version),
    convert,
    apiVersion,
    kind,
    subresource: subresource ?? '',
    emptyObject: decodeJsonValue(served.version.schema, { kind, apiVersion }).object,
    resetFields: resetFieldsOf(definition, subresource ?? ''),
  });
}

function converterOf({ versions }: ServedResource): KindVersions['convert'] {
  const served = new Map([...versions.values()].map((each) => [each.apiVersion, each]));
  return (object, apiVersion) => {
    if (object.apiVersion === apiVersion) return object;
    const from = served.get(object.apiVersion ?? '');
    const to = served.get(apiVersion)!;
    return to.fromStorage(from === undefined ? object : from.toStorage(object));
  };
}

/** What an endpoint takes from what is stored, whatever the request says. */
function resetFieldsOf(definition: ResourceDefinition, subresource: string): ReadonlyMap<string, FieldSet> {
  const { group, versions } = definition;
  return new Map(
    versions.flatMap(({ version }): [string, FieldSet][] => {
      const fields = resetFieldSet(definition, version, subresource);
      return fields === undefined ? [] : [[formatApiVersion({ group, version }), fields]];
    }),
  );
}

function resetFieldSet(definition: ResourceDefinition, version: string, subresource: string): FieldSet | undefined {
  if (subresource === 'status') return FieldSet.ofFields(['spec']);
  return subresource === '' && hasStatusSubresource(definition, version) ? FieldSet.ofFields(['status']) : undefined;
}

export interface FieldTracking {
  readonly manager: string;
  readonly now: Date;
  readonly subresource?: string;
}

/** Writes down in `metadata.managedFields` which fields a create, an update or a patch has changed. */
export async function trackUpdate(
  resource: ServedResource,
  served: ServedVersion,
  live: KubeObject | undefined,
  object: KubeObject,
  { manager: name, now, subresource }: FieldTracking,
): Promise<KubeObject> {
  return withFieldManager(resource, served, subresource, (manager) => manager.update(live, object, name, now));
}
