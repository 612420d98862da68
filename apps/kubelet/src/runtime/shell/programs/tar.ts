import { gunzipSync, gzipSync } from 'node:zlib';
import { bytesOf, textOf } from '../byte-text.ts';
import { resolvePath } from '../file-path.ts';
import { write } from '../process.ts';
import type { Process, ProcessContext } from '../process.ts';
import { readTar, writeTar } from './tar-archive.ts';
import type { TarEntry } from './tar-archive.ts';
import { inputLines } from './text.ts';

/** `tar -xf archive`, `tar -cf archive`, with `-` for standard input and output, as `kubectl cp` has it; `z` compresses, `t` lists. */
export function* tar(args: readonly string[], context: ProcessContext): Process {
  const { letters, archive, directory, names } = parse(args);
  const inside = { ...context, cwd: resolvePath(context.cwd, directory) };
  const path = archive === '-' ? undefined : resolvePath(context.cwd, archive);
  if (letters.includes('c')) return yield* create(names, letters.includes('z'), path, inside);
  if (letters.includes('x') || letters.includes('t')) return yield* extract(letters, path, inside);
  yield* write('tar: You must specify one of the options: c, x, t\n', 'stderr');
  return 2;
}

function parse(args: readonly string[]): { letters: string; archive: string; directory: string; names: string[] } {
  let [letters, archive, directory] = ['', '-', '.'];
  const names: string[] = [];
  for (let index = 0; index < args.length; index++) {
    const arg = args[index]!;
    if (arg === '-C') directory = args[++index] ?? '.';
    else if (arg.startsWith('--')) continue;
    else if ((arg.startsWith('-') && arg !== '-') || index === 0) {
      letters += arg.replace(/^-/, '');
      // The archive's name follows its letter.
      if (arg.endsWith('f')) archive = args[++index] ?? '-';
    } else names.push(arg);
  }
  return { letters, archive, directory, names };
}

function* extract(letters: string, path: string | undefined, context: ProcessContext): Process {
  const text = path === undefined ? (yield* inputLines([], context)).join('') : context.files.read(path);
  if (text === undefined) {
    yield* write(`tar: can't open '${path}': No such file or directory\n`, 'stderr');
    return 1;
  }
  let entries: TarEntry[];
  try {
    const bytes = bytesOf(text);
    entries = readTar(letters.includes('z') ? gunzipSync(bytes) : bytes);
  } catch (error) {
    yield* write(`tar: ${(error as Error).message}\ntar: Error is not recoverable: exiting now\n`, 'stderr');
    return 2;
  }
  let code = 0;
  for (const { name, content } of entries) {
    const place = resolvePath(context.cwd, name.replace(/^\/+/, ''));
    if (letters.includes('t')) yield* write(`${name}${content ? '' : '/'}\n`);
    else if (!(content ? context.files.write(place, textOf(content)) : context.files.makeDirectory(place))) {
      yield* write(`tar: ${name}: Cannot open: Read-only file system\n`, 'stderr');
      code = 2;
    }
  }
  return code;
}

function* create(
  names: readonly string[],
  compress: boolean,
  path: string | undefined,
  context: ProcessContext,
): Process {
  const entries: TarEntry[] = [];
  let code = 0;
  for (const name of names) {
    const found = entriesOf(name, context);
    entries.push(...found);
    if (found.length > 0) continue;
    yield* write(`tar: ${name}: Cannot stat: No such file or directory\n`, 'stderr');
    code = 2;
  }
  if (names.some((name) => name.startsWith('/')))
    yield* write("tar: Removing leading `/' from member names\n", 'stderr');
  const archive = writeTar(entries, context.now());
  const text = textOf(compress ? gzipSync(archive) : archive);
  if (path === undefined) yield* write(text);
  else if (!context.files.write(path, text)) {
    yield* write(`tar: ${path}: Cannot open: Read-only file system\n`, 'stderr');
    return 2;
  }
  if (code !== 0) yield* write('tar: Exiting with failure status due to previous errors\n', 'stderr');
  return code;
}

/** A file, or a directory with all that stands in it. */
function entriesOf(name: string, { cwd, files }: ProcessContext): TarEntry[] {
  const path = resolvePath(cwd, name);
  const member = name.replace(/^\/+/, '').replace(/\/+$/, '');
  const content = files.read(path);
  if (content !== undefined) return [{ name: member, content: bytesOf(content) }];
  const prefix = path === '/' ? '/' : `${path}/`;
  const inside = files.list().filter((file) => file.startsWith(prefix));
  if (inside.length === 0) return [];
  return [
    { name: member },
    ...inside.sort().map((file) => ({
      name: `${member}/${file.slice(prefix.length)}`,
      content: bytesOf(files.read(file) ?? ''),
    })),
  ];
}
