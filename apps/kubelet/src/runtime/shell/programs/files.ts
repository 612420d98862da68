import { resolvePath } from '../file-path.ts';
import { write } from '../process.ts';
import type { Process, ProcessContext } from '../process.ts';
import { modeText, userName } from './file-mode.ts';
import { parseOptions } from './option-list.ts';

export function* ls(args: readonly string[], context: ProcessContext): Process {
  const flags = args.filter((arg) => /^-./.test(arg)).join('');
  const names = args.filter((arg) => !/^-./.test(arg));
  let code = 0;
  for (const name of names.length > 0 ? names : ['.']) {
    const path = resolvePath(context.cwd, name);
    const info = context.files.info(path);
    if (!info) {
      yield* write(`ls: ${name}: No such file or directory\n`, 'stderr');
      code = 1;
      continue;
    }
    const isItself = !info.isDirectory || flags.includes('d');
    const entries = isItself ? [name] : (context.files.listDirectory(path) ?? []);
    const shown = entries.filter((entry) => isItself || /[aA]/.test(flags) || !entry.startsWith('.'));
    const line = (entry: string): string => {
      const found = context.files.info(isItself ? path : resolvePath(path, entry)) ?? info;
      const owner = `${userName(found.uid).padEnd(8)} ${userName(found.gid).padEnd(8)}`;
      const links = found.isDirectory ? 2 : 1;
      return `${modeText(found)} ${String(links).padStart(4)} ${owner} ${String(found.sizeBytes).padStart(9)} Jan  1 00:00 ${entry}\n`;
    };
    if (!isItself && /[ln]/.test(flags)) yield* write(`total ${shown.length * 4}\n`);
    yield* write(shown.map((entry) => (/[ln]/.test(flags) ? line(entry) : `${entry}\n`)).join(''));
  }
  return code;
}

export function* touch(args: readonly string[], context: ProcessContext): Process {
  let code = 0;
  for (const name of args.filter((arg) => !arg.startsWith('-'))) {
    const path = resolvePath(context.cwd, name);
    if (context.files.info(path) || context.files.write(path, '')) continue;
    yield* write(`touch: ${name}: Read-only file system\n`, 'stderr');
    code = 1;
  }
  return code;
}

export function* rm(args: readonly string[], context: ProcessContext): Process {
  const force = args.some((arg) => /^-.*f/.test(arg));
  const recursive = args.some((arg) => /^-.*[rR]/.test(arg));
  let code = 0;
  for (const name of args.filter((arg) => !arg.startsWith('-'))) {
    const path = resolvePath(context.cwd, name);
    const info = context.files.info(path);
    const why = !info ? 'No such file or directory' : info.isDirectory && !recursive ? 'Is a directory' : undefined;
    const doomed = context.files.paths().filter((each) => each === path || each.startsWith(`${path}/`));
    const kept = why ? [] : doomed.filter((each) => !context.files.remove(each));
    if ((!info && force) || (!why && kept.length === 0)) continue;
    yield* write(`rm: can't remove '${name}': ${why ?? 'Read-only file system'}\n`, 'stderr');
    code = 1;
  }
  return code;
}

export function* mkdir(args: readonly string[], context: ProcessContext): Process {
  const { values, operands } = parseOptions(args, ['m', 'mode']);
  let code = 0;
  for (const name of operands) {
    const path = resolvePath(context.cwd, name);
    const isThere = context.files.info(path) !== undefined;
    if (isThere && values.has('p')) continue;
    if (!isThere && context.files.makeDirectory(path)) continue;
    yield* write(
      `mkdir: can't create directory '${name}': ${isThere ? 'File exists' : 'Read-only file system'}\n`,
      'stderr',
    );
    code = 1;
  }
  return code;
}

export function* pwd(_: readonly string[], context: ProcessContext): Process {
  yield* write(`${context.cwd}\n`);
  return 0;
}

/** `test`, and `[` with its closing bracket: strings, integers and whether a file exists. */
export function* test(args: readonly string[], context: ProcessContext): Process {
  const words = args.at(-1) === ']' ? args.slice(0, -1) : [...args];
  const negated = words[0] === '!';
  return holds(negated ? words.slice(1) : words, context) !== negated ? 0 : 1;
}

function holds(words: readonly string[], context: ProcessContext): boolean {
  const [a = '', operator, b = ''] = words;
  if (words.length <= 1) return a !== '';
  if (words.length === 2) {
    const path = resolvePath(context.cwd, operator!);
    const info = context.files.info(path);
    switch (a) {
      case '-z':
        return operator === '';
      case '-n':
        return operator !== '';
      case '-d':
        return info?.isDirectory ?? false;
      case '-s':
        return (info?.sizeBytes ?? 0) > 0;
      case '-f':
        return info?.isDirectory === false;
      default:
        return info !== undefined;
    }
  }
  const difference = Number(a) - Number(b);
  const comparisons: Record<string, boolean> = {
    '=': a === b,
    '==': a === b,
    '!=': a !== b,
    '-eq': difference === 0,
    '-ne': difference !== 0,
    '-lt': difference < 0,
    '-le': difference <= 0,
    '-gt': difference > 0,
    '-ge': difference >= 0,
  };
  return comparisons[operator!] ?? false;
}
