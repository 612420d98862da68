import {
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

const managers = new WeakMap<ServedVersion, Map<string, FieldManager>>();

/** Who owns which field, for one endpoint: a version of a resource, or a view of it. Made on first use. */
export function fieldManagerOf(resource: ServedResource, served: ServedVersion, subresource = ''): FieldManager {
  let bySubresource = managers.get(served);
  if (bySubresource === undefined) managers.set(served, (bySubresource = new Map()));
  let manager = bySubresource.get(subresource);
  if (manager === undefined) {
    const { apiVersion, definition } = served;
    const { kind } = definition;
    manager = new FieldManager({
      ...versionsOf(resource),
      apiVersion,
      kind,
      subresource,
      emptyObject: decodeJsonValue(served.version.schema, { kind, apiVersion }).object,
      resetFields: resetFieldsOf(definition, subresource),
    });
    bySubresource.set(subresource, manager);
  }
  return manager;
}

function versionsOf({ versions }: ServedResource): KindVersions {
  const served = new Map([...versions.values()].map((each) => [each.apiVersion, each]));
  return {
    schemaFor: (apiVersion) => served.get(apiVersion)?.version.schema,
    convert(object, apiVersion) {
      if (object.apiVersion === apiVersion) return object;
      const from = served.get(object.apiVersion ?? '');
      const to = served.get(apiVersion)!;
      return to.fromStorage(from === undefined ? object : from.toStorage(object));
    },
  };
}

/** What an endpoint takes from what is stored, whatever the request says. */
function resetFieldsOf(definition: ResourceDefinition, subresource: string): ReadonlyMap<string, FieldSet> {
  const fields = resetFieldSet(definition, subresource);
  if (fields === undefined) return new Map();
  return new Map(
    definition.versions.map(({ version }) => [formatApiVersion({ group: definition.group, version }), fields]),
  );
}

function resetFieldSet(definition: ResourceDefinition, subresource: string): FieldSet | undefined {
  if (subresource === 'status') return FieldSet.ofFields(['spec']);
  return subresource === '' && hasStatusSubresource(definition) ? FieldSet.ofFields(['status']) : undefined;
}

export interface FieldTracking {
  readonly manager: string;
  readonly now: Date;
  readonly subresource?: string;
}

/** Writes down in `metadata.managedFields` which fields a create, an update or a patch has changed. */
export function trackUpdate(
  resource: ServedResource,
  served: ServedVersion,
  live: KubeObject | undefined,
  object: KubeObject,
  { manager, now, subresource }: FieldTracking,
): KubeObject {
  return fieldManagerOf(resource, served, subresource).update(live, object, manager, now);
}
