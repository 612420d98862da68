import { customName } from './custom-names.ts';
import { subresourcesIn, type GroupVersionKindExtension, type ObjectSchema } from '@pilothouse/apimachinery';
import { schemaFor } from '@pilothouse/api';
import type { ServedResource } from './served-resource.ts';

/** Kinds that belong to every group version, and to `v1`, which upstream lists on their definitions. */
const EVERYWHERE = ['DeleteOptions', 'WatchEvent'];
/** Kinds that have no version of their own and go by `v1`. */
const UNVERSIONED = ['APIGroup', 'APIGroupList', 'APIResourceList', 'APIVersions', 'Status'];

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
  for (const kind of [...EVERYWHERE, ...UNVERSIONED])
    add(schemaFor('', 'v1', kind), { group: '', version: 'v1', kind });
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
    for (const subresource of subresourcesIn(definition, version)) {
      if (subresource.kind)
        add(schemaFor(subresource.kind.group, subresource.kind.version, subresource.kind.kind), subresource.kind);
    }
    for (const each of EVERYWHERE) add(schemaFor('', 'v1', each), { group, version, kind: each });
  }
  for (const each of kinds.values()) each.sort(byGroupAndVersion);
  return (message) =>
    message.name === undefined ? [unnamed.get(message) ?? []].flat() : (kinds.get(message.name) ?? []);
}

function byGroupAndVersion(a: GroupVersionKindExtension, b: GroupVersionKindExtension): number {
  const [left, right] = [`${a.group}\0${a.version}`, `${b.group}\0${b.version}`];
  return left < right ? -1 : left > right ? 1 : 0;
}
