import { goPattern, PatternError } from '@pilothouse/apimachinery';
import { EvaluationError } from '../runtime/evaluation-error.ts';
import type { Value } from '../runtime/value.ts';
import { BOOL, INT, listOf, STRING } from '../types/type.ts';
import { formatString } from './format-string.ts';
import {
  fn,
  keepsSize,
  matchesPattern,
  method,
  readsAll,
  readsFirst,
  readsSecond,
  searches,
  type Overload,
} from './overload.ts';
import { DYN } from '../types/type.ts';

const readsAndKeeps = { ...readsFirst, ...keepsSize };

export function compiledPattern(pattern: string): RegExp {
  try {
    return goPattern(pattern);
  } catch (error) {
    if (error instanceof PatternError) throw new EvaluationError(error.message);
    throw error;
  }
}

/** The functions that are part of the language. */
const standard: readonly Overload[] = [
  method('contains', [STRING, STRING], BOOL, (text: string, part: string) => text.includes(part), searches),
  method('startsWith', [STRING, STRING], BOOL, (text: string, part: string) => text.startsWith(part), readsSecond),
  method('endsWith', [STRING, STRING], BOOL, (text: string, part: string) => text.endsWith(part), readsSecond),
  ...[fn, method].map((declare) =>
    declare(
      'matches',
      [STRING, STRING],
      BOOL,
      (text: string, pattern: string) => compiledPattern(pattern).test(text),
      matchesPattern,
    ),
  ),
];

/** https://pkg.go.dev/github.com/google/cel-go/ext#Strings in version 2, without `reverse`; positions count code points. */
const extended: readonly Overload[] = [
  method(
    'charAt',
    [STRING, INT],
    STRING,
    (text: string, at: bigint) => {
      const characters = [...text];
      if (at < 0n || at > BigInt(characters.length)) throw outOfRange(at);
      return characters[Number(at)] ?? '';
    },
    readsFirst,
  ),
  method('indexOf', [STRING, STRING], INT, (text: string, part: string) => indexOf(text, part, 0n), searches),
  method('indexOf', [STRING, STRING, INT], INT, indexOf, searches),
  method('lastIndexOf', [STRING, STRING], INT, (text: string, part: string) => lastIndexOf(text, part), searches),
  method('lastIndexOf', [STRING, STRING, INT], INT, lastIndexOf, searches),
  method(
    'lowerAscii',
    [STRING],
    STRING,
    (text: string) => text.replace(/[A-Z]+/g, (each) => each.toLowerCase()),
    readsAndKeeps,
  ),
  method(
    'upperAscii',
    [STRING],
    STRING,
    (text: string) => text.replace(/[a-z]+/g, (each) => each.toUpperCase()),
    readsAndKeeps,
  ),
  method(
    'replace',
    [STRING, STRING, STRING],
    STRING,
    (text: string, from: string, to: string) => replace(text, from, to, -1n),
    readsAll,
  ),
  method('replace', [STRING, STRING, STRING, INT], STRING, replace, readsAll),
  method('split', [STRING, STRING], listOf(STRING), (text: string, by: string) => split(text, by, -1n), readsAndKeeps),
  method('split', [STRING, STRING, INT], listOf(STRING), split, readsAndKeeps),
  method('substring', [STRING, INT], STRING, (text: string, from: bigint) => substring(text, from), readsAndKeeps),
  method('substring', [STRING, INT, INT], STRING, substring, readsAndKeeps),
  method('trim', [STRING], STRING, (text: string) => text.replace(SPACE_AROUND, ''), readsAndKeeps),
  method('join', [listOf(STRING)], STRING, (items: readonly string[]) => items.join(''), readsFirst),
  method('join', [listOf(STRING), STRING], STRING, (items: readonly string[], by: string) => items.join(by), readsAll),
  method(
    'format',
    [STRING, listOf(DYN)],
    STRING,
    (text: string, values: readonly Value[]) => formatString(text, values),
    readsAll,
  ),
  fn('strings.quote', [STRING], STRING, quote, readsFirst),
];

/** Patterns: https://kubernetes.io/docs/reference/using-api/cel/#kubernetes-regex-library */
const regex: readonly Overload[] = [
  method(
    'find',
    [STRING, STRING],
    STRING,
    (text: string, pattern: string) => legalPattern(pattern).exec(text)?.[0] ?? '',
    { ...matchesPattern, ...keepsSize },
  ),
  method('findAll', [STRING, STRING], listOf(STRING), (text: string, pattern: string) => findAll(text, pattern, -1n), {
    ...matchesPattern,
    ...keepsSize,
  }),
  method('findAll', [STRING, STRING, INT], listOf(STRING), findAll, { ...matchesPattern, ...keepsSize }),
];

export const strings: readonly Overload[] = [...standard, ...extended, ...regex];

/** What Go's strings.TrimSpace takes for space. */
const SPACE = '[\\t-\\r \\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]+';
const SPACE_AROUND = new RegExp(`^${SPACE}|${SPACE}$`, 'g');

const ESCAPES: Readonly<Record<string, string>> = {
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '\\': '\\\\',
  '"': '\\"',
};

function quote(text: string): string {
  return `"${text.replace(/[\x07-\r\\"]/g, (each) => ESCAPES[each]!)}"`;
}

/** The library of Kubernetes has words of its own for a pattern that is none. */
function legalPattern(pattern: string): RegExp {
  try {
    return compiledPattern(pattern);
  } catch (error) {
    if (error instanceof EvaluationError) throw new EvaluationError(`Illegal regex: ${error.message}`);
    throw error;
  }
}

const outOfRange = (at: bigint): EvaluationError => new EvaluationError(`index out of range: ${at}`);

function indexOf(text: string, part: string, from: bigint): bigint {
  const [characters, wanted] = [[...text], [...part]];
  if (from < 0n || from > BigInt(characters.length)) throw outOfRange(from);
  for (let at = Number(from); at + wanted.length <= characters.length; at++) {
    if (wanted.every((each, offset) => characters[at + offset] === each)) return BigInt(at);
  }
  return -1n;
}

function lastIndexOf(text: string, part: string, from?: bigint): bigint {
  const [characters, wanted] = [[...text], [...part]];
  const last = from ?? BigInt(characters.length);
  if (last < 0n || last > BigInt(characters.length)) throw outOfRange(last);
  for (let at = Math.min(Number(last), characters.length - wanted.length); at >= 0; at--) {
    if (wanted.every((each, offset) => characters[at + offset] === each)) return BigInt(at);
  }
  return -1n;
}

function replace(text: string, from: string, to: string, limit: bigint): string {
  if (limit === 0n) return text;
  const parts = text.split(from);
  if (limit < 0n) return parts.join(to);
  const count = Number(limit);
  if (parts.length - 1 <= count) return parts.join(to);
  return parts.slice(0, count).join(to) + to + parts.slice(count).join(from);
}

function split(text: string, by: string, limit: bigint): string[] {
  if (limit === 0n) return [];
  const parts = by === '' ? [...text] : text.split(by);
  const count = Number(limit);
  if (limit < 0n || parts.length <= count) return parts;
  return [...parts.slice(0, count - 1), parts.slice(count - 1).join(by)];
}

function substring(text: string, from: bigint, to?: bigint): string {
  const characters = [...text];
  const end = to ?? BigInt(characters.length);
  if (from < 0n || from > BigInt(characters.length)) throw outOfRange(from);
  if (end < 0n || end > BigInt(characters.length)) throw outOfRange(end);
  if (from > end) throw new EvaluationError(`invalid substring range. start: ${from}, end: ${end}`);
  return characters.slice(Number(from), Number(end)).join('');
}

function findAll(text: string, pattern: string, limit: bigint): string[] {
  const expression = legalPattern(pattern);
  const all = [...text.matchAll(new RegExp(expression.source, `${expression.flags}g`))].map(([match]) => match);
  return limit < 0n ? all : all.slice(0, Number(limit));
}
