import type { Clock } from '@pilothouse/component';
import type { TimerHeap } from '../timers/timer-heap.ts';
import type { ContainerLog } from './container-log.ts';
import type { Process, ProcessStep } from './shell/process.ts';

export interface ProcessRunnerOptions {
  readonly key: string;
  readonly process: Process;
  readonly log: ContainerLog;
  readonly clock: Clock;
  readonly timers: TimerHeap;
  readonly speed: number;
  /** How much of it has already happened, for a container that ran before this kubelet started. */
  readonly elapsedMs?: number;
  readonly onChange: () => void;
}

/**
 * Drives the main process of a container: writes go to its log, sleeps to the timers, standard input to whoever is
 * attached. A process that serves stays so until it is stopped.
 */
export class ProcessRunner {
  readonly #options: ProcessRunnerOptions;
  #state: 'service' | 'running' | 'ended' = 'running';
  #exitCode: number | undefined;
  #skipMs: number;
  /** Set while the process asks for a line; nobody attached means that it waits. */
  #reading = false;
  readonly #input: string[] = [];
  /** After the end of input every further read finds the end again. */
  #inputEnded = false;

  constructor(options: ProcessRunnerOptions) {
    this.#options = options;
    this.#skipMs = options.elapsedMs ?? 0;
  }

  get state(): 'service' | 'running' | 'ended' {
    return this.#state;
  }

  get exitCode(): number | undefined {
    return this.#exitCode;
  }

  /** Runs to the first sleep. */
  start(): void {
    this.#advance(undefined);
  }

  /** A line of standard input with its newline, or undefined for its end. */
  feed(line: string | undefined): void {
    if (line === undefined) this.#inputEnded = true;
    else this.#input.push(line);
    if (this.#reading) {
      this.#reading = false;
      this.#advance(this.#input.shift());
    }
  }

  stop(): void {
    this.#options.timers.cancel(this.#options.key);
  }

  #advance(answer: string | undefined): void {
    const { process, log, clock, timers, key, speed, onChange } = this.#options;
    let step: IteratorResult<ProcessStep, number> = process.next(answer);
    while (!step.done) {
      const { value } = step;
      if (value.type === 'write') {
        if (this.#skipMs <= 0) log.write(value.text, value.stream);
      } else if (value.type === 'sleep') {
        const ms = value.ms / speed;
        if (ms > this.#skipMs) {
          timers.set(key, clock.monotonicMs() + ms - this.#skipMs, () => this.#advance(undefined));
          this.#skipMs = 0;
          return;
        }
        this.#skipMs -= ms;
      } else if (value.type === 'serve') {
        this.#state = 'service';
        onChange();
        return;
      } else if (this.#input.length === 0 && !this.#inputEnded) {
        this.#reading = true;
        return;
      } else {
        step = process.next(this.#input.shift());
        continue;
      }
      step = process.next();
    }
    this.#state = 'ended';
    this.#exitCode = step.value;
    onChange();
  }
}
