import { customName } from './custom-names.ts';
import type { GroupVersionKindExtension, ObjectSchema } from '@pilothouse/apimachinery';
import { schemaFor } from '@pilothouse/api';
import type { ServedResource } from './served-resource.ts';

/** Kinds that belong to every group version, which upstream lists on their definitions. */
const EVERYWHERE = ['DeleteOptions', 'Status', 'WatchEvent'];

/** Which kinds a message is the schema of: what clients look definitions up by. */
export function kindsByMessage(
  served: readonly ServedResource[],
): (message: ObjectSchema) => readonly GroupVersionKindExtension[] {
  const kinds = new Map<string, GroupVersionKindExtension[]>();
  const add = (schema: ObjectSchema | undefined, kind: GroupVersionKindExtension): void => {
    const name = schema?.name;
    if (name === undefined) return;
    const known = kinds.get(name) ?? [];
    if (!known.some((each) => each.group === kind.group && each.version === kind.version && each.kind === kind.kind))
      kinds.set(name, [...known, kind]);
  };
  const unnamed = new Map<ObjectSchema, GroupVersionKindExtension>();
  for (const { definition, version } of served) {
    const { group, kind, listKind } = definition;
    const schema = definition.versions.find((each) => each.version === version)?.schema;
    if (schema && schema.name === undefined) {
      unnamed.set(schema, { group, version, kind });
      // Inside its list, the schema goes by the name of its definition.
      kinds.set(customName(definition, version, kind), [{ group, version, kind }]);
    }
    add(schema, { group, version, kind });
    add(schemaFor(group, version, listKind), { group, version, kind: listKind });
    for (const subresource of definition.subresources) {
      if (subresource.kind)
        add(schemaFor(subresource.kind.group, subresource.kind.version, subresource.kind.kind), subresource.kind);
    }
    for (const each of EVERYWHERE) add(schemaFor('', 'v1', each), { group, version, kind: each });
  }
  return (message) =>
    message.name === undefined ? [unnamed.get(message) ?? []].flat() : (kinds.get(message.name) ?? []);
}
