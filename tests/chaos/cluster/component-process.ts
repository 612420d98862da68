import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

const LOG_BYTES = 64_000;
const RESTART_DELAY_MS = 500;

/** A run that ends early must leave none of them behind. */
const started = new Set<ChildProcess>();
process.once('exit', () => started.forEach((child) => child.kill('SIGKILL')));

/**
 * One process of the cluster that can be killed, frozen, stopped politely, and started again as it was. When it ends by
 * itself it is started again, as a restart policy does: a component that loses its lease ends on purpose.
 */
export class ComponentProcess {
  readonly name: string;
  restarts = 0;
  readonly #command: string;
  readonly #args: readonly string[];
  #child: ChildProcess | undefined;
  #log = '';
  /** Each message that it has said, once: the log itself forgets what was long ago. */
  readonly #messages = new Set<string>();
  #ending = false;
  #restart: NodeJS.Timeout | undefined;

  constructor(name: string, command: string, args: readonly string[]) {
    this.name = name;
    this.#command = command;
    this.#args = args;
  }

  /** What it has said since it was last started. */
  get log(): string {
    return this.#log;
  }

  /** Whether it has said so since it was last started, however long ago. */
  hasSaid(message: RegExp): boolean {
    return [...this.#messages].some((each) => message.test(each));
  }

  get running(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  start(): void {
    if (this.running) return;
    this.#log = '';
    this.#messages.clear();
    const child = spawn(this.#command, this.#args, { stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => (this.#log = (this.#log + chunk.toString()).slice(-LOG_BYTES)));
      createInterface({ input: stream }).on('line', (line) => {
        const message = /"msg":"([^"]*)"/.exec(line)?.[1];
        // The last words of one that was killed may come when its successor runs.
        if (message && this.#child === child) this.#messages.add(message);
      });
    }
    started.add(child);
    child.once('exit', () => {
      started.delete(child);
      if (this.#ending) return;
      this.restarts++;
      this.#restart = setTimeout(() => this.start(), RESTART_DELAY_MS);
    });
    this.#ending = false;
    this.#child = child;
  }

  /** Stands still, keeping its connections, as a machine in trouble does. */
  freeze(): void {
    this.#child!.kill('SIGSTOP');
  }

  thaw(): void {
    this.#child!.kill('SIGCONT');
  }

  kill9(): Promise<void> {
    return this.#end('SIGKILL');
  }

  terminate(): Promise<void> {
    return this.#end('SIGTERM');
  }

  /** Resolves with the exit code when it ends by itself. */
  async ended(): Promise<number | null> {
    const [code] = await once(this.#child!, 'exit');
    return code as number | null;
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    clearTimeout(this.#restart);
    this.#ending = true;
    if (!this.running) return;
    const exited = once(this.#child!, 'exit');
    this.#child!.kill(signal);
    this.#child!.kill('SIGCONT');
    await exited;
  }
}
