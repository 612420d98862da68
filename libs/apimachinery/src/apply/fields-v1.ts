import { isJsonObject, setOwn } from '../deep/own-property.ts';
import type { FieldsV1 } from '../meta/object.ts';
import { FieldSet } from './field-set.ts';
import { comparePathElements, parsePathElement } from './path-element.ts';

/** In FieldsV1, `.` says that the element itself belongs to the set although there are elements below it. */
const SELF = '.';

/** The wire form of a set, its elements sorted. */
export function encodeFieldsV1(set: FieldSet): FieldsV1 {
  const fields: FieldsV1 = {};
  for (const element of sortedElements(set)) {
    const child = set.children.get(element);
    if (child === undefined) setOwn(fields, element, {});
    else if (set.members.has(element)) setOwn(fields, element, { [SELF]: {}, ...encodeFieldsV1(child) });
    else setOwn(fields, element, encodeFieldsV1(child));
  }
  return fields;
}

function sortedElements(set: FieldSet): string[] {
  const elements = [...set.members];
  for (const element of set.children.keys()) if (!set.members.has(element)) elements.push(element);
  return elements.length > 1 ? elements.sort(comparePathElements) : elements;
}

/** Throws when the object is not a FieldsV1. */
export function decodeFieldsV1(fields: unknown): FieldSet {
  if (!isJsonObject(fields)) throw new Error('expected an object');
  const set = new FieldSet();
  for (const text of Object.keys(fields)) {
    if (text === SELF) continue;
    const element = parsePathElement(text);
    const below = fields[text];
    const child = decodeFieldsV1(below);
    if (child.isEmpty || Object.hasOwn(below as object, SELF)) set.members.add(element);
    set.attach(element, child);
  }
  return set;
}
