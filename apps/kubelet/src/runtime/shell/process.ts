import type { ContainerUser } from '../container-user.ts';
import type { NameView, NetworkView } from '../cluster-network.ts';
import type { FileSystem } from '../file-system.ts';
import type { DatagramHandler, HttpHandler } from '../simulated-http.ts';

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
  readonly files: FileSystem;
  readonly user: ContainerUser;
  readonly hostname: string;
  readonly podIP: string;
  cwd: string;
  now(): Date;
  /** What a program outside the simulation does; without it, it is not found. */
  readonly unknownProgram?: () => Process;
  /** Answers at a port of the pod for as long as the container lives. */
  listen?(port: number, handler: HttpHandler): void;
  listenDatagrams?(port: number, handler: DatagramHandler): void;
  /** Writes to the container's log from a server's handler, and ends the container. */
  log?(text: string): void;
  exit?(code: number): void;
  /** Services and other pods. */
  readonly network?: NetworkView;
  readonly names?: NameView;
  readonly positional: readonly string[];
}

/** Thrown where a process comes to a program outside the simulation and nobody may guess what it would do. */
export class UnknownProgram extends Error {}

/** A main program outside the simulation is taken for a service. */
export function* serve(): Process {
  yield { type: 'serve' };
  return 0;
}

export function* write(
  text: string,
  stream: 'stdout' | 'stderr' = 'stdout',
): Generator<ProcessStep, void, string | undefined> {
  if (text !== '') yield { type: 'write', text, stream };
}
