import { expandWords } from './expand-words.ts';
import { resolvePath } from './file-path.ts';
import { write } from './process.ts';
import type { Process, ProcessContext, ProcessStep } from './process.ts';
import type { ShellState } from './shell-state.ts';
import type { Redirect } from './syntax.ts';

/** Where a stream goes: a file, or `&1` and `&2` for the streams themselves. */
export interface Target {
  readonly fd: 1 | 2;
  readonly append: boolean;
  readonly path: string;
}

/** Runs the process with its output going where the redirects say. */
export function* redirected(process: Process, targets: readonly Target[], context: ProcessContext): Process {
  if (targets.length === 0) return yield* process;
  const sinks: Record<'stdout' | 'stderr', string> = { stdout: '&1', stderr: '&2' };
  for (const { fd, append, path } of targets) {
    sinks[fd === 1 ? 'stdout' : 'stderr'] = path === '&1' ? sinks.stdout : path === '&2' ? sinks.stderr : path;
    if (!path.startsWith('&') && !storeOutput(context, path, '', append)) return yield* readOnly(path);
  }
  for (let step = process.next(); ;) {
    if (step.done) return step.value;
    const { value } = step;
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

export function* expandRedirects(
  redirects: readonly Redirect[],
  state: ShellState,
): Generator<ProcessStep, Target[], string | undefined> {
  const targets: Target[] = [];
  for (const { fd, append, target } of redirects) {
    targets.push({ fd, append, path: (yield* expandWords([target], state)).join('') });
  }
  return targets;
}
