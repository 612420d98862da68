import { SelectorError } from './label-selector.ts';

export interface FieldTerm {
  readonly field: string;
  readonly operator: '=' | '!=';
  readonly value: string;
}

/** A conjunction of comparisons of fields with values. Without any it matches everything. */
export class FieldSelector {
  readonly terms: readonly FieldTerm[];

  constructor(terms: readonly FieldTerm[]) {
    this.terms = terms;
  }

  get isEverything(): boolean {
    return this.terms.length === 0;
  }

  /** `valueOf` gives a field's value as text, empty when there is none. */
  matches(valueOf: (field: string) => string): boolean {
    return this.terms.every(({ field, operator, value }) => (valueOf(field) === value) === (operator === '='));
  }

  /** The one value the field must have to match, if the selector asks for one. */
  requiresExactMatch(field: string): string | undefined {
    return this.terms.find((term) => term.field === field && term.operator === '=')?.value;
  }

  /** Maps every term, as a conversion between versions does; a term mapped to undefined is dropped. */
  transform(map: (term: FieldTerm) => FieldTerm | undefined): FieldSelector {
    return new FieldSelector(this.terms.map(map).filter((term) => term !== undefined));
  }

  toString(): string {
    return this.terms.map(({ field, operator, value }) => `${field}${operator}${escapeFieldValue(value)}`).join(',');
  }
}

export const ALL_FIELDS = new FieldSelector([]);

export const escapeFieldValue = (value: string): string => value.replace(/[\\,=]/g, (special) => `\\${special}`);

/** Exactly these values, sorted by field. */
export function fieldSelectorFromSet(set: Readonly<Record<string, string>>): FieldSelector {
  return new FieldSelector(
    Object.keys(set)
      .sort()
      .map((field) => ({ field, operator: '=', value: set[field]! })),
  );
}

/**
 * Reads the text of a `fieldSelector` parameter: `a=b,c!=d,e==f`, where `\` escapes `\`, `,` and `=` in a value.
 * Throws SelectorError in upstream's words. Which fields exist is for the resource to say.
 */
export function parseFieldSelector(text: string): FieldSelector {
  const terms: FieldTerm[] = [];
  for (const part of splitTerms(text).sort()) {
    if (part === '') continue;
    const match = /!=|==|=/.exec(part);
    if (match === null) throw new SelectorError(`invalid selector: '${text}'; can't understand '${part}'`);
    terms.push({
      field: part.slice(0, match.index),
      operator: match[0] === '!=' ? '!=' : '=',
      value: unescapeFieldValue(part.slice(match.index + match[0].length)),
    });
  }
  return terms.length === 0 ? ALL_FIELDS : new FieldSelector(terms);
}

function splitTerms(text: string): string[] {
  const parts: string[] = [];
  let start = 0;
  let escaped = false;
  for (let i = 0; i < text.length; i++) {
    if (escaped) escaped = false;
    else if (text[i] === '\\') escaped = true;
    else if (text[i] === ',') {
      parts.push(text.slice(start, i));
      start = i + 1;
    }
  }
  return [...parts, text.slice(start)];
}

function unescapeFieldValue(text: string): string {
  let value = '';
  let escaped = false;
  for (const character of text) {
    if (escaped) {
      if (!'\\,='.includes(character)) {
        throw new SelectorError(`invalid field selector: invalid escape sequence: \\${character}`);
      }
      value += character;
      escaped = false;
    } else if (character === '\\') escaped = true;
    else if (character === ',' || character === '=') {
      // Upstream prints the character as its code point.
      throw new SelectorError(`invalid field selector: unescaped character in value: ${character.codePointAt(0)}`);
    } else value += character;
  }
  if (escaped) throw new SelectorError('invalid field selector: invalid escape sequence: \\');
  return value;
}
