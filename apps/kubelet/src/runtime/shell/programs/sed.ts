import { resolvePath, splitLines } from '../file-path.ts';
import { write } from '../process.ts';
import type { Process, ProcessContext } from '../process.ts';
import { parseOptions } from './option-list.ts';
import { posixPattern } from './pattern.ts';
import { inputLines } from './text.ts';

type Command = (line: string, number: number) => { readonly line?: string; readonly print?: boolean };

/** `s///`, `p`, `d` and `q`-less scripts with line numbers or a pattern before them; anything else is not simulated. */
export function* sed(args: readonly string[], context: ProcessContext): Process {
  const { values, all, operands } = parseOptions(args, ['e']);
  const given = all.flatMap(([name, value]) => (name === 'e' ? [value] : []));
  const [script, names] = given.length > 0 ? [given.join(';'), operands] : [operands[0] ?? '', operands.slice(1)];
  const commands = parseScript(script, values.has('E') || values.has('r'));
  if (!commands) {
    if (context.unknownProgram) return yield* context.unknownProgram();
    yield* write(`sed: unsupported command ${script}\n`, 'stderr');
    return 1;
  }
  const edit = (lines: readonly string[]): string =>
    lines.map((line, index) => apply(commands, line.replace(/\n$/, ''), index + 1, values.has('n'))).join('');
  if (!values.has('i')) {
    yield* write(edit(yield* inputLines(names, context)));
    return 0;
  }
  for (const name of names) {
    const path = resolvePath(context.cwd, name);
    const content = context.files.read(path);
    if (content !== undefined && context.files.write(path, edit(splitLines(content)))) continue;
    yield* write(
      `sed: ${name}: ${content === undefined ? 'No such file or directory' : 'Read-only file system'}\n`,
      'stderr',
    );
    return 1;
  }
  return 0;
}

function apply(commands: readonly Command[], source: string, number: number, isQuiet: boolean): string {
  let current: string | undefined = source;
  let output = '';
  for (const command of commands) {
    const result = command(current, number);
    if (result.print) output += `${current}\n`;
    current = result.line;
    if (current === undefined) return output;
  }
  return output + (isQuiet ? '' : `${current}\n`);
}

function parseScript(script: string, isExtended: boolean): Command[] | undefined {
  const commands: Command[] = [];
  let rest = script.trim();
  while (rest !== '') {
    const address = /^(?:(\d+)(?:,(\d+|\$))?|\/((?:[^/\\]|\\.)*)\/)?\s*/.exec(rest)!;
    const [whole, from, to, pattern] = address;
    const matcher = pattern === undefined ? undefined : posixPattern(pattern, isExtended);
    if (pattern !== undefined && !matcher) return undefined;
    const applies = (line: string, number: number): boolean => {
      if (matcher) return matcher.test(line);
      if (from === undefined) return true;
      return number >= Number(from) && number <= (to === '$' ? Infinity : Number(to ?? from));
    };
    rest = rest.slice(whole.length);
    const simple = /^([pd])\s*(?:;|\n|$)\s*/.exec(rest);
    const substitution = /^s(.)((?:(?!\1)[^\\]|\\.)*)\1((?:(?!\1)[^\\]|\\.)*)\1([gip]*)\s*(?:;|\n|$)\s*/s.exec(rest);
    if (simple) {
      const isDelete = simple[1] === 'd';
      commands.push((line, number) => {
        if (!applies(line, number)) return { line };
        return isDelete ? {} : { line, print: true };
      });
    } else if (substitution) {
      const [, , find = '', replacement = '', flags = ''] = substitution;
      const regex = posixPattern(find, isExtended, flags.replace('p', ''));
      if (!regex) return undefined;
      const by = (...groups: string[]): string =>
        replacement.replaceAll(/\\(.)|&/g, (text, char: string) => {
          if (text === '&') return groups[0]!;
          return /\d/.test(char) ? (groups[Number(char)] ?? '') : char === 'n' ? '\n' : char;
        });
      commands.push((line, number) => ({ line: applies(line, number) ? line.replace(regex, by) : line }));
    } else return undefined;
    rest = rest.slice((simple ?? substitution)![0].length);
  }
  return commands;
}
