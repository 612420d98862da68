import { resolvePath } from '../file-path.ts';
import { runShell } from '../run-shell.ts';
import { parseShell } from '../parse-shell.ts';
import { write } from '../process.ts';
import { ShellSyntaxError } from '../syntax.ts';
import type { Process, ProcessContext } from '../process.ts';

/** `sh -c <script>`, or without it a shell that reads commands from standard input until its end. */
export function* sh(args: readonly string[], context: ProcessContext): Process {
  const flags = args.filter((arg, index) => /^[-+]/.test(arg) && index < 4);
  const command = flags.some((flag) => /^-[a-z]*c/.test(flag));
  const rest = args.filter((arg) => !flags.includes(arg));
  if (command) return yield* script(rest[0] ?? '', { ...context, positional: rest.slice(1) });
  if (rest[0] !== undefined) return yield* scriptFile(rest, context);
  return yield* interactive(context);
}

function* script(source: string, context: ProcessContext): Process {
  try {
    return yield* runShell(parseShell(source), context);
  } catch (error) {
    if (!(error instanceof ShellSyntaxError)) throw error;
    if (context.unknownProgram) return yield* context.unknownProgram();
    yield* write(`sh: syntax error: ${error.message}\n`, 'stderr');
    return 2;
  }
}

function* scriptFile(args: readonly string[], context: ProcessContext): Process {
  const content = context.files.read(resolvePath(context.cwd, args[0]!));
  if (content !== undefined) return yield* script(content.replace(/^#!.*\n/, ''), { ...context, positional: args });
  if (context.unknownProgram) return yield* context.unknownProgram();
  yield* write(`sh: can't open '${args[0]}': No such file or directory\n`, 'stderr');
  return 2;
}

/** The prompt goes to standard error, as a shell's does; a session without a terminal does not see one. */
function* interactive(context: ProcessContext): Process {
  const { unknownProgram: _, ...inner } = context;
  let code = 0;
  for (;;) {
    if (context.env['TERM'] !== undefined) yield* write(`${inner.cwd} # `, 'stderr');
    const line = yield { type: 'read' };
    if (line === undefined) return code;
    const exit = /^\s*exit(?:\s+(\d+))?\s*$/.exec(line);
    if (exit) return exit[1] === undefined ? code : Number(exit[1]) & 0xff;
    code = yield* script(line, inner);
  }
}
