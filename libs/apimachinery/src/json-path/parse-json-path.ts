export type JsonPathStep =
  | { readonly kind: 'field'; readonly name: string }
  | { readonly kind: 'wildcard' }
  | { readonly kind: 'recursive' }
  | { readonly kind: 'index'; readonly index: number }
  | { readonly kind: 'slice'; readonly start?: number; readonly end?: number; readonly step?: number }
  | { readonly kind: 'union'; readonly members: readonly JsonPathStep[] }
  | {
      readonly kind: 'filter';
      readonly left: FilterOperand;
      readonly operator: 'exists' | '==' | '!=' | '<' | '<=' | '>' | '>=';
      readonly right?: FilterOperand;
    };

export type FilterOperand = { readonly literal: unknown } | { readonly path: readonly JsonPathStep[] };

export class JsonPathError extends Error {}

/** `.status.conditions[?(@.type=="Ready")].status` → its steps. */
export function parseJsonPath(text: string): JsonPathStep[] {
  return new Parser(text.replace(/^\$/, '')).steps();
}

class Parser {
  private readonly text: string;
  private at = 0;

  constructor(text: string) {
    this.text = text;
  }

  steps(): JsonPathStep[] {
    const steps: JsonPathStep[] = [];
    while (this.at < this.text.length) {
      const character = this.text[this.at]!;
      if (character === '[') steps.push(this.bracket());
      else if (character === '.') {
        this.at++;
        if (this.text[this.at] === '.') {
          this.at++;
          steps.push({ kind: 'recursive' });
          if (this.text[this.at] !== '[') steps.push(this.name());
        } else if (this.at < this.text.length && this.text[this.at] !== '[') steps.push(this.name());
      } else throw new JsonPathError(`unrecognized character in action: ${character}`);
    }
    return steps;
  }

  private name(): JsonPathStep {
    let name = '';
    for (; this.at < this.text.length && !'.['.includes(this.text[this.at]!); this.at++) {
      if (this.text[this.at] === '\\' && this.at + 1 < this.text.length) this.at++;
      name += this.text[this.at];
    }
    return name === '*' ? { kind: 'wildcard' } : { kind: 'field', name };
  }

  private bracket(): JsonPathStep {
    const end = this.closing();
    const inner = this.text.slice(this.at + 1, end).trim();
    this.at = end + 1;
    if (inner.startsWith('?(') && inner.endsWith(')')) return filterOf(inner.slice(2, -1));
    const members = splitOutsideQuotes(inner, ',').map(memberOf);
    return members.length === 1 ? members[0]! : { kind: 'union', members };
  }

  /** Position of the bracket that closes the one here, quotes and nested brackets minded. */
  private closing(): number {
    let depth = 0;
    let quote = '';
    for (let at = this.at; at < this.text.length; at++) {
      const character = this.text[at]!;
      if (quote !== '') {
        if (character === '\\') at++;
        else if (character === quote) quote = '';
      } else if (character === "'" || character === '"') quote = character;
      else if (character === '[') depth++;
      else if (character === ']' && --depth === 0) return at;
    }
    throw new JsonPathError('unterminated array');
  }
}

function memberOf(text: string): JsonPathStep {
  const inner = text.trim();
  if (inner === '*') return { kind: 'wildcard' };
  if (/^(['"]).*\1$/s.test(inner)) return { kind: 'field', name: inner.slice(1, -1).replace(/\\(.)/g, '$1') };
  if (/^-?\d+$/.test(inner)) return { kind: 'index', index: Number(inner) };
  const slice = /^(-?\d*)(?::(-?\d*))(?::(-?\d*))?$/.exec(inner);
  if (slice === null) throw new JsonPathError(`invalid array index ${inner}`);
  const [start, end, step] = slice.slice(1).map((part) => (part ? Number(part) : undefined));
  return {
    kind: 'slice',
    ...(start === undefined ? {} : { start }),
    ...(end === undefined ? {} : { end }),
    ...(step === undefined ? {} : { step }),
  };
}

const OPERATORS = ['==', '!=', '<=', '>=', '<', '>'] as const;

function filterOf(text: string): JsonPathStep {
  for (const operator of OPERATORS) {
    const parts = splitOutsideQuotes(text, operator);
    if (parts.length === 2) {
      return { kind: 'filter', left: operandOf(parts[0]!), operator, right: operandOf(parts[1]!) };
    }
  }
  return { kind: 'filter', left: operandOf(text), operator: 'exists' };
}

function operandOf(text: string): FilterOperand {
  const inner = text.trim();
  if (inner.startsWith('@')) return { path: parseJsonPath(inner.slice(1)) };
  if (/^(['"]).*\1$/s.test(inner)) return { literal: inner.slice(1, -1).replace(/\\(.)/g, '$1') };
  if (inner === 'true' || inner === 'false') return { literal: inner === 'true' };
  if (inner !== '' && !Number.isNaN(Number(inner))) return { literal: Number(inner) };
  throw new JsonPathError(`unrecognized filter operand ${inner}`);
}

function splitOutsideQuotes(text: string, separator: string): string[] {
  const parts: string[] = [];
  let quote = '';
  let from = 0;
  for (let at = 0; at < text.length; at++) {
    const character = text[at]!;
    if (quote !== '') {
      if (character === '\\') at++;
      else if (character === quote) quote = '';
    } else if (character === "'" || character === '"') quote = character;
    else if (text.startsWith(separator, at)) {
      parts.push(text.slice(from, at));
      at += separator.length - 1;
      from = at + 1;
    }
  }
  return [...parts, text.slice(from)];
}
