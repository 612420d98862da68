import { write } from '../process.ts';
import type { Process, ProcessContext } from '../process.ts';
import { parseOptions } from './option-list.ts';
import { literalPattern, posixPattern } from './pattern.ts';
import { inputLines } from './text.ts';

export function* grep(args: readonly string[], context: ProcessContext): Process {
  const { values, operands } = parseOptions(args, ['e', 'm', 'A', 'B', 'C']);
  const has = (letter: string): boolean => values.has(letter);
  const [pattern = '', ...names] = has('e') ? [values.get('e')!, ...operands] : operands;
  const flags = `g${has('i') ? 'i' : ''}`;
  const body = has('w') ? `\\b${pattern}\\b` : pattern;
  const matcher = has('F') ? literalPattern(pattern, flags) : posixPattern(body, has('E') || has('P'), flags);
  if (!matcher) {
    yield* write(`grep: bad regex '${pattern}'\n`, 'stderr');
    return 2;
  }
  let found = 0;
  for (const [index, line] of (yield* inputLines(names, context)).entries()) {
    const text = line.replace(/\n$/, '');
    const matches = text.match(matcher);
    if ((matches !== null) === has('v')) continue;
    found++;
    if (has('q') || has('c')) continue;
    const shown = has('o') ? (matches ?? []) : [text];
    for (const each of shown) yield* write(`${has('n') ? `${index + 1}:` : ''}${each}\n`);
  }
  if (has('c')) yield* write(`${found}\n`);
  return found > 0 ? 0 : 1;
}
