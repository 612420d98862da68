import { PROGRAMS } from './programs/index.ts';
import { expandWords } from './expand-words.ts';
import { resolvePath, splitLines } from './file-path.ts';
import { write } from './process.ts';
import type { Process, ProcessContext, ProcessStep } from './process.ts';
import { expandRedirects, readOnly, redirected, storeOutput } from './redirects.ts';
import type { ShellState } from './shell-state.ts';
import type { Node } from './syntax.ts';

/** Ends the whole shell, from however deep: `exit`, and commands after `exec`. */
class ExitShell extends Error {
  readonly code: number;
  constructor(code: number) {
    super();
    this.code = code;
  }
}

/** Runs a parsed script to its exit code. */
export function* runShell(node: Node, context: ProcessContext): Process {
  try {
    return yield* run(node, { context, lastCode: 0 });
  } catch (error) {
    if (error instanceof ExitShell) return error.code;
    throw error;
  }
}

/** Runs one program by its argument list, as a container's `command` and `kubectl exec` do, without a shell. */
export function* runProgram(args: readonly string[], context: ProcessContext): Process {
  const name = args[0] ?? '';
  const program = PROGRAMS[name.slice(name.lastIndexOf('/') + 1)];
  if (program) return yield* program(args.slice(1), context);
  if (context.unknownProgram) return yield* context.unknownProgram();
  yield* write(`${name}: not found\n`, 'stderr');
  return 127;
}

function* run(node: Node, state: ShellState): Process {
  const code = yield* runNode(node, state);
  state.lastCode = code;
  return code;
}

function* runNode(node: Node, state: ShellState): Process {
  switch (node.type) {
    case 'list': {
      let code = 0;
      for (const item of node.items) code = yield* run(item, state);
      return code;
    }
    case 'and': {
      const code = yield* run(node.left, state);
      return code === 0 ? yield* run(node.right, state) : code;
    }
    case 'or': {
      const code = yield* run(node.left, state);
      return code === 0 ? 0 : yield* run(node.right, state);
    }
    case 'not':
      return (yield* run(node.body, state)) === 0 ? 1 : 0;
    case 'if':
      if ((yield* run(node.condition, state)) === 0) return yield* run(node.then, state);
      return node.otherwise ? yield* run(node.otherwise, state) : 0;
    case 'loop':
      return yield* runLoop(node, state);
    case 'for': {
      let code = 0;
      for (const value of yield* expandWords(node.words, state)) {
        state.context.env[node.name] = value;
        code = yield* run(node.body, state);
      }
      return code;
    }
    case 'pipe':
      return yield* runPipe(node.commands, state);
    case 'redirected': {
      const redirects = yield* expandRedirects(node.redirects, state);
      return yield* redirected(run(node.body, state), redirects, state.context);
    }
    case 'background':
      yield* runInBackground(node.body, state);
      return 0;
    case 'command':
      return yield* runCommand(node, state);
  }
}

/** A round that takes no time would never give the process back: it counts as 10 ms, like a very busy loop. */
function* runLoop(node: Extract<Node, { type: 'loop' }>, state: ShellState): Process {
  let code = 0;
  for (;;) {
    const condition = yield* run(node.condition, state);
    if ((condition === 0) === node.until) return code;
    let slept = false;
    const body = run(node.body, state);
    for (let step = body.next(); ;) {
      if (step.done) {
        code = step.value;
        break;
      }
      slept ||= step.value.type !== 'write';
      step = body.next(yield step.value);
    }
    if (!slept) yield { type: 'sleep', ms: 10 };
  }
}

/** Each stage runs to its end before the next; what it wrote is the next one's standard input. */
function* runPipe(commands: readonly Node[], state: ShellState): Process {
  // Last line first: taking from the end of a long list is cheap, from its beginning it is not.
  let input: string[] | undefined;
  let code = 0;
  for (const [index, command] of commands.entries()) {
    const last = index === commands.length - 1;
    const lines: string[] | undefined = input;
    const output: string[] = [];
    const process = run(command, state);
    for (let step = process.next(); ;) {
      if (step.done) {
        code = step.value;
        break;
      }
      const { value } = step;
      if (value.type === 'write' && value.stream === 'stdout' && !last) {
        output.push(value.text);
        step = process.next();
      } else if (value.type === 'read' && lines) {
        step = process.next(lines.pop());
      } else {
        step = process.next(yield value);
      }
    }
    input = splitLines(output.join('')).reverse();
  }
  return code;
}

/** What it writes before it first sleeps or serves appears; the rest happens out of sight. */
function* runInBackground(body: Node, state: ShellState): Generator<ProcessStep, void, string | undefined> {
  const process = run(body, state);
  for (let step = process.next(); !step.done && step.value.type === 'write'; step = process.next()) yield step.value;
}

function* runCommand(node: Extract<Node, { type: 'command' }>, state: ShellState): Process {
  let words = yield* expandWords(node.words, state);
  const { context } = state;
  const assignments: [string, string][] = [];
  for (let match = ASSIGNMENT.exec(words[0] ?? ''); match; match = ASSIGNMENT.exec(words[0] ?? '')) {
    assignments.push([match[1]!, match[2]!]);
    words = words.slice(1);
  }
  const redirects = yield* expandRedirects(node.redirects, state);
  if (words.length === 0) {
    for (const [name, value] of assignments) context.env[name] = value;
    for (const { fd, append, path } of redirects) {
      if (fd === 1 && path !== '&2' && !storeOutput(context, path, '', append)) return yield* readOnly(path);
    }
    return 0;
  }
  const env = Object.assign(assignments.length ? { ...context.env } : context.env, Object.fromEntries(assignments));
  return yield* redirected(runBuiltin(words, { ...state, context: withEnv(context, env) }, state), redirects, context);
}

const ASSIGNMENT = /^([A-Za-z_][A-Za-z0-9_]*)=(.*)$/s;

function withEnv(context: ProcessContext, env: Record<string, string>): ProcessContext {
  return env === context.env ? context : { ...context, env };
}

/** What changes the shell itself must be part of it; everything else is a program. */
function* runBuiltin(words: readonly string[], inner: ShellState, shell: ShellState): Process {
  const { context } = shell;
  switch (words[0]) {
    case 'exit':
      throw new ExitShell(words[1] === undefined ? shell.lastCode : Number.parseInt(words[1], 10) & 0xff);
    case 'exec':
      if (words.length === 1) return 0;
      throw new ExitShell(yield* runProgram(words.slice(1), inner.context));
    case 'cd':
      context.cwd = resolvePath(context.cwd, words[1] ?? context.env['HOME'] ?? '/');
      return 0;
    case 'export':
      for (const word of words.slice(1)) {
        const match = ASSIGNMENT.exec(word);
        if (match) context.env[match[1]!] = match[2]!;
      }
      return 0;
    case 'unset':
      for (const word of words.slice(1)) delete context.env[word];
      return 0;
    case 'read': {
      const line = yield { type: 'read' };
      const name = words.slice(1).findLast((word) => !word.startsWith('-')) ?? 'REPLY';
      context.env[name] = (line ?? '').replace(/\n$/, '');
      return line === undefined ? 1 : 0;
    }
    case 'set':
    case 'trap':
    case ':':
      return 0;
    case 'wait':
      return 0;
    default:
      return yield* runProgram(words, inner.context);
  }
}
