import { isJsonObject } from '../deep/own-property.ts';
import type { FieldsV1 } from '../meta/object.ts';
import { FieldSet } from './field-set.ts';
import { parsePathElement, sortPathElements } from './path-element.ts';

/** In FieldsV1, `.` says that the element itself belongs to the set although there are elements below it. */
const SELF = '.';

/** The wire form of a set, its elements sorted. */
export function encodeFieldsV1(set: FieldSet): FieldsV1 {
  const fields: FieldsV1 = {};
  addElements(set, fields);
  return fields;
}

function addElements(set: FieldSet, fields: FieldsV1): void {
  const elements = [...set.members];
  for (const element of set.children.keys()) if (!set.members.has(element)) elements.push(element);
  for (const element of sortPathElements(elements)) {
    const below: FieldsV1 = {};
    // An element has its kind in front, so it is never a name that assignment treats specially.
    fields[element] = below;
    const child = set.children.get(element);
    if (child === undefined) continue;
    if (set.members.has(element)) below[SELF] = {};
    addElements(child, below);
  }
}

/** Throws when the object is not a FieldsV1. */
export function decodeFieldsV1(fields: unknown): FieldSet {
  if (!isJsonObject(fields)) throw new Error('expected an object');
  const set = new FieldSet();
  for (const text in fields) {
    if (text === SELF) continue;
    const element = parsePathElement(text);
    const below = fields[text];
    if (isEmptyObject(below)) set.members.add(element);
    else {
      const child = decodeFieldsV1(below);
      if (child.isEmpty || Object.hasOwn(below as object, SELF)) set.members.add(element);
      set.attach(element, child);
    }
  }
  return set;
}

function isEmptyObject(value: unknown): boolean {
  if (!isJsonObject(value)) return false;
  for (const _ in value) return false;
  return true;
}
