import { isJsonObject } from '../deep/own-property.ts';
import type { FieldSet } from './field-set.ts';
import { fieldElement, type PathElement } from './path-element.ts';
import { type FieldType, fieldType, itemElementOrUndefined, itemType, shapeOf } from './typing.ts';

/**
 * Adds a value that came or went as a whole to the node of its parent: itself and all that is below it, lists, maps
 * and structs too. An empty list or map is a leaf.
 */
export function addSubtree(type: FieldType, value: unknown, parent: FieldSet, element: PathElement): void {
  parent.members.add(element);
  if (shapeOf(type, value) === 'leaf') return;
  if (Array.isArray(value) && type.schema?.type === 'list') {
    if (value.length === 0) return;
    const node = parent.descend(element);
    const items = itemType(type.schema.items);
    const duplicates = new Set<PathElement>();
    for (const item of value) {
      const itemElement = itemElementOrUndefined(type.schema, item);
      if (itemElement === undefined) continue;
      if (!node.members.has(itemElement)) addSubtree(items, item, node, itemElement);
      else duplicates.add(itemElement);
    }
    // Items that share an identity are owned as one, without what is in them.
    for (const duplicate of duplicates) node.children.delete(duplicate);
  } else if (isJsonObject(value)) {
    let node: FieldSet | undefined;
    for (const key in value) {
      if (value[key] === undefined) continue;
      node ??= parent.descend(element);
      addSubtree(fieldType(type, key), value[key], node, fieldElement(key));
    }
  }
}
