/**
 * A simulated process is a generator of steps: it says what it writes and how long it sleeps, and whoever drives it
 * (the runtime, on its timers; an exec session, on its connection) decides when to ask for the next step.
 * The return value is the exit code.
 */
export type Process = Generator<ProcessStep, number, string | undefined>;

export type ProcessStep =
  | { readonly type: 'write'; readonly text: string; readonly stream: 'stdout' | 'stderr' }
  | { readonly type: 'sleep'; readonly ms: number }
  /** Asks for a line of standard input; the answer is the line with its newline, or undefined at the end. */
  | { readonly type: 'read' }
  /** Runs until it is stopped. */
  | { readonly type: 'serve' };

/** What a simulated process lives in. Variables and files are the container's own and may be changed by it. */
export interface ProcessContext {
  readonly env: Record<string, string>;
  readonly files: Record<string, string>;
  readonly hostname: string;
  readonly podIP: string;
  cwd: string;
  now(): Date;
  /** What a program outside the simulation does: a container's main program serves, a command typed in is not found. */
  readonly unknownProgram: 'serves' | 'not-found';
  readonly positional: readonly string[];
}

export function* write(
  text: string,
  stream: 'stdout' | 'stderr' = 'stdout',
): Generator<ProcessStep, void, string | undefined> {
  if (text !== '') yield { type: 'write', text, stream };
}
