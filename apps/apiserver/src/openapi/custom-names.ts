import type { ObjectSchema, ResourceDefinition } from '@pilothouse/apimachinery';
import { schemaFor } from '@pilothouse/api';

/** `widgets.example.com/v1` `Widget` → `com.example.v1.Widget`. */
export function customName({ group }: ResourceDefinition, version: string, kind: string): string {
  return `${group.split('.').reverse().join('.')}.${version}.${kind}`;
}

/** The list kind of a custom resource, which nobody declares. */
export function listOfCustom(definition: ResourceDefinition, version: string): ObjectSchema {
  const { kind, resource, versions } = definition;
  const { schema } = versions.find((each) => each.version === version)!;
  const items = { ...schema, name: customName(definition, version, kind) };
  const plain = { pointer: true, always: false };
  return {
    type: 'object',
    description: `${definition.listKind} is a list of ${kind}`,
    hasTypeMeta: true,
    properties: new Map([
      ['metadata', { name: 'metadata', schema: schemaFor('', 'v1', 'ListMeta')!, ...plain, required: false }],
      [
        'items',
        {
          name: 'items',
          description: `List of ${resource}.`,
          schema: { type: 'list', items, listType: 'atomic', impliedType: true, listMapKeys: [] },
          ...plain,
          required: true,
        },
      ],
    ]),
  };
}
