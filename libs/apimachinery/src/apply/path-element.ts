import { isJsonObject } from '../deep/own-property.ts';

/**
 * One step of a field path, in the text form of FieldsV1: `f:replicas` a field, `k:{"name":"web"}` the item of a list
 * with that key, `v:"x"` the item of a set, `i:0` a position. The text is canonical, so equal steps are equal strings.
 */
export type PathElement = string;

export const fieldElement = (name: string): PathElement => `f:${name}`;
export const valueElement = (value: unknown): PathElement => `v:${jsonText(value)}`;

/** `keys`: names and values, sorted by name. */
export function keyElement(keys: readonly (readonly [name: string, value: unknown])[]): PathElement {
  let text = '';
  for (const [name, value] of keys) text += `${text === '' ? 'k:{' : ','}${jsonText(name)}:${jsonText(value)}`;
  return `${text}}`;
}

/** JSON.stringify, without its cost for the plain names and numbers that keys are made of. */
function jsonText(value: unknown): string {
  if (typeof value === 'string' && PLAIN.test(value)) return `"${value}"`;
  return Number.isInteger(value) ? String(value) : JSON.stringify(value);
}

const PLAIN = /^[\w./:-]*$/;

/** Checks an element that came from outside and makes it canonical. Throws in upstream's words. */
export function parsePathElement(text: string): PathElement {
  if (text.length < 2) throw new Error('key must be 2 characters long:');
  if (text[1] !== ':') throw new Error(`missing colon: ${text}`);
  return text[0] === 'f' ? text : parsed(text).element;
}

interface ParsedElement {
  readonly element: PathElement;
  readonly kind: number;
  /** Of a `k:` element. */
  readonly keys: readonly (readonly [name: string, value: unknown])[];
  readonly value: unknown;
}

/** The same few short keys are read and sorted over and over; the cache starts anew when it is full. */
const parsedElements = new Map<string, ParsedElement>();
const MAX_PARSED = 8192;
const MAX_PARSED_LENGTH = 200;

function parsed(text: string): ParsedElement {
  let result = parsedElements.get(text);
  if (result === undefined) {
    result = parse(text);
    if (parsedElements.size >= MAX_PARSED) parsedElements.clear();
    if (text.length <= MAX_PARSED_LENGTH) parsedElements.set(text, result);
  }
  return result;
}

function parse(text: string): ParsedElement {
  const kind = KIND_ORDER.indexOf(text[0]!);
  switch (text[0]) {
    case 'f':
      return { element: text, kind, keys: [], value: text };
    case 'v': {
      const value: unknown = JSON.parse(text.slice(2));
      return { element: valueElement(value), kind, keys: [], value };
    }
    case 'k': {
      const object: unknown = JSON.parse(text.slice(2));
      if (!isJsonObject(object)) throw new Error(`expected an object: ${text}`);
      const keys = Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1));
      return { element: keyElement(keys), kind, keys, value: undefined };
    }
    case 'i': {
      if (!/^i:[+-]?[0-9]+$/.test(text)) throw new Error(`expected a number: ${text}`);
      const value = Number(text.slice(2));
      return { element: `i:${value}`, kind, keys: [], value };
    }
    default:
      throw new Error('unknown path element type');
  }
}

const KIND_ORDER = 'fkvi';

/** Sorts in place: fields first, then keys, values and positions; each kind by its content, numbers by size. */
export function sortPathElements(elements: PathElement[]): PathElement[] {
  if (elements.length < 2) return elements;
  if (elements.every((element) => element[0] === 'f')) return elements.sort();
  return elements.sort((a, b) => compareParsed(parsed(a), parsed(b)));
}

function compareParsed(a: ParsedElement, b: ParsedElement): number {
  if (a.kind !== b.kind) return a.kind - b.kind;
  return a.element[0] === 'k' ? compareKeys(a.keys, b.keys) : compareValues(a.value, b.value);
}

function compareKeys(left: ParsedElement['keys'], right: ParsedElement['keys']): number {
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    const [[leftName, leftValue], [rightName, rightValue]] = [left[i]!, right[i]!];
    if (leftName !== rightName) return leftName < rightName ? -1 : 1;
    const values = compareValues(leftValue, rightValue);
    if (values !== 0) return values;
  }
  return left.length - right.length;
}

const rank = (value: unknown) => ['number', 'string', 'boolean'].indexOf(typeof value);

function compareValues(a: unknown, b: unknown): number {
  if (rank(a) !== rank(b)) return rank(a) - rank(b);
  if (a === b) return 0;
  return (a as number | string) < (b as number | string) ? -1 : 1;
}

/** As people read it: `.spec`, `[name="web"]`, `[="x"]`, `[0]`. */
export function formatPathElement(element: PathElement): string {
  const content = element.slice(2);
  switch (element[0]) {
    case 'f':
      return `.${content}`;
    case 'k': {
      const { keys } = parsed(element);
      return `[${keys.map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(',')}]`;
    }
    case 'v':
      return `[=${content}]`;
    default:
      return `[${content}]`;
  }
}

/** `.spec.template.spec.containers[name="web"].image` */
export const formatFieldPath = (path: readonly PathElement[]): string => path.map(formatPathElement).join('');
