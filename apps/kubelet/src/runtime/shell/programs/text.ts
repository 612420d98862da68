import { resolvePath, splitLines } from '../file-path.ts';
import { write } from '../process.ts';
import type { Process, ProcessContext } from '../process.ts';

export function* echo(args: readonly string[]): Process {
  let newline = true;
  let escapes = false;
  let rest = args;
  for (; /^-[neE]+$/.test(rest[0] ?? ''); rest = rest.slice(1)) {
    newline &&= !rest[0]!.includes('n');
    escapes ||= rest[0]!.includes('e');
  }
  const text = rest.join(' ');
  yield* write((escapes ? unescape(text) : text) + (newline ? '\n' : ''));
  return 0;
}

/** The format is used again while arguments are left, as POSIX says. */
export function* printf(args: readonly string[]): Process {
  const [format = '', ...values] = args;
  const pending = [...values];
  do {
    yield* write(
      unescape(format).replaceAll(/%(-?0?\d*)(?:\.\d+)?([sdif%])/g, (_, width: string, kind: string) => {
        if (kind === '%') return '%';
        const value = kind === 's' ? (pending.shift() ?? '') : String(Math.trunc(Number(pending.shift() ?? 0)));
        const size = Math.abs(Number(width || 0));
        return width.startsWith('-') ? value.padEnd(size) : value.padStart(size, width.startsWith('0') ? '0' : ' ');
      }),
    );
  } while (pending.length > 0 && /%[-\d.]*[sdif]/.test(format));
  return 0;
}

function unescape(text: string): string {
  const plain: Record<string, string> = { n: '\n', t: '\t', r: '\r', '\\': '\\', a: '\x07', e: '\x1b', '"': '"' };
  return text.replaceAll(/\\([ntrae\\"])/g, (_, char: string) => plain[char]!);
}

export function* cat(args: readonly string[], context: ProcessContext): Process {
  const names = args.filter((arg) => !/^-./.test(arg));
  let code = 0;
  for (const name of names.length > 0 ? names : ['-']) {
    if (name === '-') {
      for (let line = yield { type: 'read' }; line !== undefined; line = yield { type: 'read' }) yield* write(line);
      continue;
    }
    const content = context.files.read(resolvePath(context.cwd, name));
    if (content === undefined) {
      yield* write(`cat: can't open '${name}': No such file or directory\n`, 'stderr');
      code = 1;
    } else {
      yield* write(content);
    }
  }
  return code;
}

export function* head(args: readonly string[], context: ProcessContext): Process {
  const { count, names, isBytes } = countAndNames(args);
  const lines = yield* inputLines(names, context);
  if (isBytes) yield* write(Buffer.from(lines.join('')).subarray(0, count).toString());
  else for (const line of lines.slice(0, count)) yield* write(line);
  return 0;
}

export function* tail(args: readonly string[], context: ProcessContext): Process {
  // `tail -f /dev/null` is how many images are kept running.
  if (args.some((arg) => /^-[a-zA-Z]*[fF]/.test(arg))) {
    yield { type: 'serve' };
    return 0;
  }
  const { count, names, isBytes } = countAndNames(args);
  const lines = yield* inputLines(names, context);
  if (isBytes) yield* write(Buffer.from(lines.join('')).subarray(-count).toString());
  else for (const line of lines.slice(-count)) yield* write(line);
  return 0;
}

export function* wc(args: readonly string[], context: ProcessContext): Process {
  const text = (yield* inputLines(
    args.filter((arg) => !arg.startsWith('-')),
    context,
  )).join('');
  const counts = {
    l: splitLines(text).length,
    w: text.split(/\s+/).filter(Boolean).length,
    c: Buffer.byteLength(text),
  };
  const flags = args.filter((arg) => arg.startsWith('-')).join('');
  const shown = (['l', 'w', 'c'] as const)
    .filter((key) => flags === '' || flags.includes(key))
    .map((key) => counts[key]);
  yield* write(`${shown.join(' ')}\n`);
  return 0;
}

function countAndNames(args: readonly string[]): { count: number; names: string[]; isBytes: boolean } {
  let count = 10;
  let isBytes = false;
  const names: string[] = [];
  for (let index = 0; index < args.length; index++) {
    const arg = args[index]!;
    if (arg === '-n' || arg === '-c') {
      isBytes = arg === '-c';
      count = Number(args[++index]);
    } else if (/^-n?\d+$/.test(arg)) count = Number(arg.replace(/^-n?/, ''));
    else names.push(arg);
  }
  return { count, names, isBytes };
}

/** The lines of the files, or of standard input where none is named. */
export function* inputLines(
  names: readonly string[],
  context: ProcessContext,
): Generator<any, string[], string | undefined> {
  if (names.length > 0)
    return names.flatMap((name) => splitLines(context.files.read(resolvePath(context.cwd, name)) ?? ''));
  const lines: string[] = [];
  for (let line: string | undefined = yield { type: 'read' }; line !== undefined; line = yield { type: 'read' })
    lines.push(line);
  return lines;
}
