import { resolvePath } from '../file-path.ts';
import { write } from '../process.ts';
import type { Process, ProcessContext } from '../process.ts';

export function* ls(args: readonly string[], context: ProcessContext): Process {
  const flags = args.filter((arg) => /^-./.test(arg)).join('');
  const names = args.filter((arg) => !/^-./.test(arg));
  let code = 0;
  for (const name of names.length > 0 ? names : ['.']) {
    const path = resolvePath(context.cwd, name);
    const entries = context.files.read(path) === undefined ? context.files.listDirectory(path) : [name];
    if (!entries) {
      yield* write(`ls: ${name}: No such file or directory\n`, 'stderr');
      code = 1;
      continue;
    }
    const line = (entry: string): string => {
      const content = context.files.read(path === '/' ? `/${entry}` : `${path}/${entry}`) ?? context.files.read(path);
      const kind = content === undefined ? 'drwxr-xr-x    2' : '-rw-r--r--    1';
      return `${kind} root     root     ${String(Buffer.byteLength(content ?? '') || 4096).padStart(9)} Jan  1 00:00 ${entry}\n`;
    };
    yield* write(entries.map((entry) => (flags.includes('l') ? line(entry) : `${entry}\n`)).join(''));
  }
  return code;
}

export function* touch(args: readonly string[], context: ProcessContext): Process {
  let code = 0;
  for (const name of args.filter((arg) => !arg.startsWith('-'))) {
    const path = resolvePath(context.cwd, name);
    if (context.files.read(path) !== undefined || context.files.write(path, '')) continue;
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
    const doomed = context.files.list().filter((file) => file === path || (recursive && file.startsWith(`${path}/`)));
    const kept = doomed.filter((file) => !context.files.remove(file));
    if (recursive) context.files.removeDirectory(path);
    if (kept.length === 0 && (doomed.length > 0 || force)) continue;
    const why = kept.length > 0 ? 'Read-only file system' : 'No such file or directory';
    yield* write(`rm: can't remove '${name}': ${why}\n`, 'stderr');
    code = 1;
  }
  return code;
}

export function* mkdir(args: readonly string[], context: ProcessContext): Process {
  for (const name of args.filter((arg) => !arg.startsWith('-')))
    context.files.makeDirectory(resolvePath(context.cwd, name));
  return 0;
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
    const exists = context.files.read(path) !== undefined;
    switch (a) {
      case '-z':
        return operator === '';
      case '-n':
        return operator !== '';
      case '-d':
        return !exists && context.files.listDirectory(path) !== undefined;
      case '-s':
        return exists && context.files.read(path) !== '';
      default:
        return exists || (a === '-e' && context.files.listDirectory(path) !== undefined);
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
