import type { Schema } from '../schema/schema.ts';
import { FieldSet } from './field-set.ts';
import { DEDUCED, type FieldType, fieldType, isNamedField, itemType } from './typing.ts';

/**
 * The set with the fields of structs that lead to its paths. Sets leave them out, since structs are not owned; to
 * remove a field one must know whether its parent is to go with it.
 */
export function withNamedFields(schema: Schema, set: FieldSet): FieldSet {
  return addNamedFields({ schema }, set);
}

function addNamedFields(type: FieldType, set: FieldSet): FieldSet {
  const result = new FieldSet();
  for (const member of set.members) result.members.add(member);
  for (const [element, child] of set.children) {
    const name = element.startsWith('f:') ? element.slice(2) : undefined;
    if (name !== undefined && isNamedField(type, name)) result.members.add(element);
    result.children.set(element, addNamedFields(childType(type, name), child));
  }
  return result;
}

function childType(type: FieldType, name: string | undefined): FieldType {
  if (name !== undefined) return fieldType(type, name);
  return type.schema?.type === 'list' ? itemType(type.schema.items) : DEDUCED;
}
