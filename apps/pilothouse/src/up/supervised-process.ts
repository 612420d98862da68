import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { renameSync, rmSync } from 'node:fs';
import type { ProcessIdentity } from '../data-dir/process-identity.ts';
import { identify } from '../data-dir/process-identity.ts';
import type { ComponentSpec } from './components.ts';
import { lastLineOf } from './last-line.ts';
import { spawnComponent } from './spawn-component.ts';

export type ProcessState =
  | { readonly phase: 'starting'; readonly since: number }
  | { readonly phase: 'ready'; readonly since: number }
  | { readonly phase: 'waiting'; readonly timer: NodeJS.Timeout }
  | { readonly phase: 'stopped' };

/** How a process came to its end, and how long it had lived. */
export interface ProcessExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly lastLine: string;
  readonly livedMs: number;
}

/** The restart delay doubles up to this; a process that lived longer than it starts small again. */
const LONGEST_DELAY_MS = 10_000;
const FIRST_DELAY_MS = 250;

/** One component's process, kept alive until it is told to stop. */
export class SupervisedProcess {
  readonly spec: ComponentSpec;
  readonly logFile: string;
  state: ProcessState = { phase: 'stopped' };
  #child: ChildProcess | undefined;
  #delayMs = FIRST_DELAY_MS;
  #startedMs = 0;

  constructor(spec: ComponentSpec, logFile: string) {
    this.spec = spec;
    this.logFile = logFile;
    rmSync(`${logFile}.1`, { force: true });
    try {
      renameSync(logFile, `${logFile}.1`);
    } catch {
      // The first run: there is no log to keep.
    }
  }

  get identity(): ProcessIdentity | undefined {
    return this.#child?.pid === undefined ? undefined : identify(this.#child.pid);
  }

  /** `onExit` is called when the process ends by itself, with how; what then happens is the caller's decision. */
  start(onExit: (exit: ProcessExit) => void): void {
    this.#startedMs = performance.now();
    this.state = { phase: 'starting', since: this.#startedMs };
    const child = spawnComponent(this.spec, this.logFile);
    this.#child = child;
    // It may be gone before the pipe to it is; that is told by its exit.
    child.stdin?.on('error', () => undefined);
    const ended = (code: number | null, signal: NodeJS.Signals | null, lastLine: string): void => {
      if (this.#child !== child) return;
      this.#child = undefined;
      if (this.state.phase === 'stopped') return;
      onExit({ code, signal, lastLine, livedMs: performance.now() - this.#startedMs });
    };
    child.once('error', (error) => ended(1, null, error.message));
    child.once('exit', (code, signal) => ended(code, signal, lastLineOf(this.logFile)));
  }

  /** Starts it again after a while; tells how long that is. */
  startLater(onExit: (exit: ProcessExit) => void, onStart: () => void): number {
    if (performance.now() - this.#startedMs > LONGEST_DELAY_MS) this.#delayMs = FIRST_DELAY_MS;
    const delayMs = this.#delayMs;
    this.#delayMs = Math.min(delayMs * 2, LONGEST_DELAY_MS);
    const timer = setTimeout(() => {
      this.start(onExit);
      onStart();
    }, delayMs);
    this.state = { phase: 'waiting', timer };
    return delayMs;
  }

  ready(): void {
    if (this.state.phase === 'starting') this.state = { phase: 'ready', since: performance.now() };
  }

  /** SIGTERM, and SIGKILL when that does not help in time. */
  async stop(): Promise<void> {
    if (this.state.phase === 'waiting') clearTimeout(this.state.timer);
    this.state = { phase: 'stopped' };
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), this.spec.stopTimeoutMs);
    await exited;
    clearTimeout(timer);
  }

  killNow(): void {
    this.#child?.kill('SIGKILL');
  }
}
