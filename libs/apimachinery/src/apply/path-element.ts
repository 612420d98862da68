import { isJsonObject } from '../deep/own-property.ts';

/**
 * One step of a field path, in the text form of FieldsV1: `f:replicas` a field, `k:{"name":"web"}` the item of a list
 * with that key, `v:"x"` the item of a set, `i:0` a position. The text is canonical, so equal steps are equal strings.
 */
export type PathElement = string;

export const fieldElement = (name: string): PathElement => `f:${name}`;
export const valueElement = (value: unknown): PathElement => `v:${JSON.stringify(value)}`;

/** `keys`: names and values, sorted by name. */
export function keyElement(keys: readonly (readonly [name: string, value: unknown])[]): PathElement {
  let text = '';
  for (const [name, value] of keys) text += `${text === '' ? '' : ','}${JSON.stringify(name)}:${JSON.stringify(value)}`;
  return `k:{${text}}`;
}

/** Checks an element that came from outside and makes it canonical. Throws in upstream's words. */
export function parsePathElement(text: string): PathElement {
  if (text.length < 2) throw new Error('key must be 2 characters long:');
  if (text[1] !== ':') throw new Error(`missing colon: ${text}`);
  switch (text[0]) {
    case 'f':
      return text;
    case 'v':
      return valueElement(JSON.parse(text.slice(2)));
    case 'k': {
      const keys: unknown = JSON.parse(text.slice(2));
      if (!isJsonObject(keys)) throw new Error(`expected an object: ${text}`);
      return keyElement(Object.entries(keys).sort(([a], [b]) => (a < b ? -1 : 1)));
    }
    case 'i':
      if (!/^i:[+-]?[0-9]+$/.test(text)) throw new Error(`expected a number: ${text}`);
      return `i:${Number(text.slice(2))}`;
    default:
      throw new Error('unknown path element type');
  }
}

const KIND_ORDER = 'fkvi';

/** Fields first, then keys, values and positions; each kind by its content, numbers by size. */
export function comparePathElements(a: PathElement, b: PathElement): number {
  if (a === b) return 0;
  const kinds = KIND_ORDER.indexOf(a[0]!) - KIND_ORDER.indexOf(b[0]!);
  if (kinds !== 0) return kinds;
  if (a[0] === 'f') return a < b ? -1 : 1;
  const [left, right] = [JSON.parse(a.slice(2)), JSON.parse(b.slice(2))] as unknown[];
  return a[0] === 'k' ? compareKeys(left as Keys, right as Keys) : compareValues(left, right);
}

type Keys = Record<string, unknown>;

function compareKeys(a: Keys, b: Keys): number {
  const [left, right] = [Object.entries(a), Object.entries(b)];
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
      const keys = Object.entries(JSON.parse(content) as Keys);
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
