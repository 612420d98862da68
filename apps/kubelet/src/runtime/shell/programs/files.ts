import { resolvePath } from '../file-path.ts';
import { write } from '../process.ts';
import type { Process, ProcessContext } from '../process.ts';

/** Directories exist because files stand in them, as far as the simulation goes. */
const ROOT = ['bin', 'dev', 'etc', 'home', 'proc', 'root', 'sys', 'tmp', 'usr', 'var'];

export function* ls(args: readonly string[], context: ProcessContext): Process {
  const flags = args.filter((arg) => /^-./.test(arg)).join('');
  const names = args.filter((arg) => !/^-./.test(arg));
  let code = 0;
  for (const name of names.length > 0 ? names : ['.']) {
    const path = resolvePath(context.cwd, name);
    const entries = context.files[path] === undefined ? listDirectory(path, context) : [name];
    if (!entries) {
      yield* write(`ls: ${name}: No such file or directory\n`, 'stderr');
      code = 1;
      continue;
    }
    const line = (entry: string): string => {
      const content = context.files[path === '/' ? `/${entry}` : `${path}/${entry}`] ?? context.files[path];
      const kind = content === undefined ? 'drwxr-xr-x    2' : '-rw-r--r--    1';
      return `${kind} root     root     ${String(Buffer.byteLength(content ?? '') || 4096).padStart(9)} Jan  1 00:00 ${entry}\n`;
    };
    yield* write(entries.map((entry) => (flags.includes('l') ? line(entry) : `${entry}\n`)).join(''));
  }
  return code;
}

function listDirectory(path: string, context: ProcessContext): string[] | undefined {
  const prefix = path === '/' ? '/' : `${path}/`;
  const inside = Object.keys(context.files)
    .filter((file) => file.startsWith(prefix))
    .map((file) => file.slice(prefix.length).split('/')[0]!);
  const known = path === '/' ? ROOT : ROOT.includes(path.slice(1)) ? [] : undefined;
  return inside.length === 0 && !known ? undefined : [...new Set([...(known ?? []), ...inside])].sort();
}

export function* touch(args: readonly string[], context: ProcessContext): Process {
  for (const name of args.filter((arg) => !arg.startsWith('-'))) context.files[resolvePath(context.cwd, name)] ??= '';
  return 0;
}

export function* rm(args: readonly string[], context: ProcessContext): Process {
  const force = args.some((arg) => /^-.*f/.test(arg));
  const recursive = args.some((arg) => /^-.*[rR]/.test(arg));
  let code = 0;
  for (const name of args.filter((arg) => !arg.startsWith('-'))) {
    const path = resolvePath(context.cwd, name);
    const doomed = Object.keys(context.files).filter(
      (file) => file === path || (recursive && file.startsWith(`${path}/`)),
    );
    for (const file of doomed) delete context.files[file];
    if (doomed.length > 0 || force) continue;
    yield* write(`rm: can't remove '${name}': No such file or directory\n`, 'stderr');
    code = 1;
  }
  return code;
}

/** Directories need no making. */
export function* mkdir(): Process {
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
    const exists = context.files[path] !== undefined;
    switch (a) {
      case '-z':
        return operator === '';
      case '-n':
        return operator !== '';
      case '-d':
        return !exists && listDirectory(path, context) !== undefined;
      case '-s':
        return exists && context.files[path] !== '';
      default:
        return exists || (a === '-e' && listDirectory(path, context) !== undefined);
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
