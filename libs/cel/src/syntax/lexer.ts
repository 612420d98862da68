import { CompileError } from './source-error.ts';
import { readNumber } from './number-literal.ts';
import { readString } from './string-literal.ts';
import type { Value } from '../runtime/value.ts';

export type Token =
  | { readonly kind: 'identifier' | 'symbol' | 'end'; readonly at: number; readonly text: string }
  | { readonly kind: 'literal'; readonly at: number; readonly text: string; readonly value: Value };

const SYMBOLS = [
  '&&',
  '||',
  '==',
  '!=',
  '<=',
  '>=',
  '<',
  '>',
  '?',
  ':',
  '!',
  '-',
  '+',
  '*',
  '/',
  '%',
  '.',
  ',',
  '(',
  ')',
  '[',
  ']',
  '{',
  '}',
];
const KEYWORD_VALUES = new Map<string, Value>([
  ['true', true],
  ['false', false],
  ['null', null],
]);

/** Cuts an expression into tokens; throws CompileError. */
export function tokenize(source: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  const fail = (where: number, message: string): never => {
    throw new CompileError(source, [{ at: where, message: `Syntax error: ${message}` }]);
  };
  while (at < source.length) {
    const rest = source.slice(at, at + 3);
    const character = source[at]!;
    if (/\s/.test(character)) at++;
    else if (rest.startsWith('//')) {
      const end = source.indexOf('\n', at);
      at = end < 0 ? source.length : end + 1;
    } else if (/^(?:[rR]?[bB]?|[bB][rR])["']/.test(rest)) {
      const { value, end, error } = readString(source, at);
      if (error !== undefined) fail(at, error);
      tokens.push({ kind: 'literal', at, text: source.slice(at, end), value });
      at = end;
    } else if (/^(?:\d|\.\d)/.test(rest)) {
      const { value, end, error } = readNumber(source, at);
      if (error !== undefined) fail(at, error);
      tokens.push({ kind: 'literal', at, text: source.slice(at, end), value });
      at = end;
    } else if (/[A-Za-z_]/.test(character)) {
      const text = /^[A-Za-z_][A-Za-z0-9_]*/.exec(source.slice(at))![0];
      const value = KEYWORD_VALUES.get(text);
      tokens.push(value === undefined ? { kind: 'identifier', at, text } : { kind: 'literal', at, text, value });
      at += text.length;
    } else if (character === '`') {
      const end = source.indexOf('`', at + 1);
      if (end < 0) fail(at, `token recognition error at: '${source.slice(at)}'`);
      tokens.push({ kind: 'identifier', at, text: source.slice(at + 1, end) });
      at = end + 1;
    } else {
      const symbol = SYMBOLS.find((each) => source.startsWith(each, at));
      if (symbol === undefined) fail(at, `token recognition error at: '${character}'`);
      tokens.push({ kind: 'symbol', at, text: symbol! });
      at += symbol!.length;
    }
  }
  tokens.push({ kind: 'end', at: source.length, text: '<EOF>' });
  return tokens;
}
