import { write } from '../process.ts';
import type { Process, ProcessContext } from '../process.ts';
import { parseOptions } from './option-list.ts';
import { inputLines } from './text.ts';

/** `sort`, by text or (`-n`) number, `-r` backwards, `-u` each line once, `-k` from a field on. */
export function* sort(args: readonly string[], context: ProcessContext): Process {
  const { values, operands } = parseOptions(args, ['k', 't']);
  const lines = (yield* inputLines(operands, context)).map((line) => line.replace(/\n$/, ''));
  const field = Number.parseInt(values.get('k') ?? '1', 10) - 1;
  const keyOf = (line: string): string =>
    field === 0
      ? line
      : line
          .split(values.get('t') ?? /\s+/)
          .slice(field)
          .join(' ');
  const numeric = values.has('n');
  const compare = (a: string, b: string): number => {
    const [left, right] = [keyOf(a), keyOf(b)];
    const difference = numeric ? (Number.parseFloat(left) || 0) - (Number.parseFloat(right) || 0) : 0;
    return difference || (left < right ? -1 : left > right ? 1 : 0);
  };
  const sorted = lines.toSorted(compare);
  const shown = values.has('u') ? [...new Set(sorted)] : sorted;
  yield* write((values.has('r') ? shown.toReversed() : shown).map((line) => `${line}\n`).join(''));
  return 0;
}

/** `uniq`: neighbours that are alike become one line; `-c` counts them. */
export function* uniq(args: readonly string[], context: ProcessContext): Process {
  const { values, operands } = parseOptions(args, []);
  const groups: { line: string; count: number }[] = [];
  for (const line of yield* inputLines(operands, context)) {
    const text = line.replace(/\n$/, '');
    const last = groups.at(-1);
    if (last?.line === text) last.count++;
    else groups.push({ line: text, count: 1 });
  }
  for (const { line, count } of groups)
    yield* write(values.has('c') ? `${String(count).padStart(7)} ${line}\n` : `${line}\n`);
  return 0;
}

/** `cut -d: -f1,3`, `cut -c1-8`. */
export function* cut(args: readonly string[], context: ProcessContext): Process {
  const { values, operands } = parseOptions(args, ['d', 'f', 'c']);
  const delimiter = values.get('d') ?? '\t';
  const isWanted = ranges(values.get('f') ?? values.get('c') ?? '1-');
  for (const line of yield* inputLines(operands, context)) {
    const text = line.replace(/\n$/, '');
    const parts = values.has('c') ? [...text] : text.split(delimiter);
    const chosen = parts.length === 1 ? parts : parts.filter((_, index) => isWanted(index + 1));
    yield* write(`${chosen.join(values.has('c') ? '' : delimiter)}\n`);
  }
  return 0;
}

function ranges(list: string): (position: number) => boolean {
  const bounds = list.split(',').map((part) => {
    const [, from = '', dash, to = ''] = /^(\d*)(-?)(\d*)$/.exec(part) ?? [];
    const first = Number(from || 1);
    return [first, dash ? Number(to || Infinity) : first] as const;
  });
  return (position) => bounds.some(([first, last]) => position >= first && position <= last);
}

/** `tr a-z A-Z`, `tr -d '\n'`. */
export function* tr(args: readonly string[], context: ProcessContext): Process {
  const { values, operands } = parseOptions(args, []);
  const [from, to] = [characters(operands[0] ?? ''), characters(operands[1] ?? '')];
  const text = (yield* inputLines([], context)).join('');
  const changed = [...text].map((char) => {
    const at = from.indexOf(char);
    if (at < 0) return char;
    return values.has('d') ? '' : (to[Math.min(at, to.length - 1)] ?? char);
  });
  yield* write(changed.join(''));
  return 0;
}

function characters(set: string): string[] {
  const classes = set.replaceAll('[:lower:]', 'a-z').replaceAll('[:upper:]', 'A-Z').replaceAll('[:digit:]', '0-9');
  const plain = classes.replaceAll('\\n', '\n').replaceAll('\\t', '\t').replaceAll('\\0', '\0');
  return [...plain.matchAll(/(.)-(.)|[^]/gsu)].flatMap(([whole, first, last]) => {
    if (first === undefined || last === undefined) return [whole];
    const length = Math.max(0, last.codePointAt(0)! - first.codePointAt(0)! + 1);
    return Array.from({ length }, (_, index) => String.fromCodePoint(first.codePointAt(0)! + index));
  });
}
