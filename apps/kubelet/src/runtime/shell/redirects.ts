import { expandWords } from './expand-words.ts';
import { resolvePath, splitLines } from './file-path.ts';
import { write } from './process.ts';
import type { Process, ProcessContext, ProcessStep } from './process.ts';
import type { ShellState } from './shell-state.ts';
import type { Redirect } from './syntax.ts';

/** Where a stream goes: a file, or `&1` and `&2` for the streams themselves. */
export interface Target {
  readonly fd: 0 | 1 | 2;
  readonly append: boolean;
  readonly path: string;
  /** The text of a here-document, which then is the input in the place of a file. */
  readonly text?: string;
}

/** Runs the process with its output going where the redirects say. */
export function* redirected(process: Process, targets: readonly Target[], context: ProcessContext): Process {
  if (targets.length === 0) return yield* process;
  let input: string[] | undefined;
  const sinks: Record<'stdout' | 'stderr', string> = { stdout: '&1', stderr: '&2' };
  for (const { fd, append, path, text } of targets) {
    if (fd === 0) {
      const content = text ?? (path === '/dev/null' ? '' : context.files.read(resolvePath(context.cwd, path)));
      if (content === undefined) return yield* noInput(path);
      input = splitLines(content).reverse();
      continue;
    }
    sinks[fd === 1 ? 'stdout' : 'stderr'] = path === '&1' ? sinks.stdout : path === '&2' ? sinks.stderr : path;
    if (!path.startsWith('&') && !storeOutput(context, path, '', append)) return yield* readOnly(path);
  }
  for (let step = process.next(); ;) {
    if (step.done) return step.value;
    const { value } = step;
    if (value.type === 'read' && input) {
      step = process.next(input.pop());
      continue;
    }
    if (value.type !== 'write') {
      step = process.next(yield value);
      continue;
    }
    const sink = sinks[value.stream];
    if (sink.startsWith('&')) yield { ...value, stream: sink === '&2' ? 'stderr' : 'stdout' };
    else storeOutput(context, sink, value.text, true);
    step = process.next();
  }
}

/** False where the file can not be written. */
export function storeOutput({ files, cwd }: ProcessContext, path: string, text: string, append: boolean): boolean {
  if (path === '/dev/null') return true;
  const absolute = resolvePath(cwd, path);
  return files.write(absolute, (append ? (files.read(absolute) ?? '') : '') + text);
}

export function* readOnly(path: string): Process {
  yield* write(`sh: can't create ${path}: Read-only file system\n`, 'stderr');
  return 1;
}

function* noInput(path: string): Process {
  yield* write(`sh: can't open ${path}: No such file or directory\n`, 'stderr');
  return 1;
}

export function* expandRedirects(
  redirects: readonly Redirect[],
  state: ShellState,
): Generator<ProcessStep, Target[], string | undefined> {
  const targets: Target[] = [];
  for (const { fd, append, target, isHereDocument } of redirects) {
    const path = (yield* expandWords([target], state)).join('');
    targets.push({ fd, append, path, ...(isHereDocument ? { text: path } : {}) });
  }
  return targets;
}
