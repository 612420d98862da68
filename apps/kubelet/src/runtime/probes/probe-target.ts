import type { HttpHandler } from '../simulated-http.ts';
import type { Process } from '../shell/process.ts';

/** What a probe or a hook can do to the container it belongs to. */
export interface ProbeTarget {
  readonly key: string;
  readonly podIP: string;
  /** The container's main program is outside the simulation: what it would have made or served, nobody knows. */
  readonly isOpaque: boolean;
  /** A program run in the container; it throws `UnknownProgram` where it comes to one. */
  spawn(command: readonly string[]): Process;
  /** What answers at this port of this address; undefined where nothing does. */
  dial(host: string, port: number): HttpHandler | undefined;
  portNumber(port: number | string): number;
}
