import type { Process, ProcessStep } from './shell/process.ts';
import { UnknownProgram } from './shell/process.ts';
import type { Simulation } from './simulation.ts';

export type ProcessResult =
  | { readonly type: 'exited'; readonly exitCode: number; readonly output: string }
  | { readonly type: 'timed-out' }
  /** It came to a program outside the simulation, so nobody knows what it would have done. */
  | { readonly type: 'unknown' };

export interface DetachedProcessOptions {
  /** Unique in the process. */
  readonly key: string;
  readonly process: Process;
  readonly timeoutMs: number;
  readonly onEnd: (result: ProcessResult) => void;
}

/**
 * Runs a second process of a container that nobody is attached to, as probes and hooks do: no input, its output
 * collected, its sleeps on the simulation's timers. Returns what ends it early.
 */
export function runDetached(
  { key, process, timeoutMs, onEnd }: DetachedProcessOptions,
  { timers, clock, speed }: Pick<Simulation, 'timers' | 'clock' | 'speed'>,
): () => void {
  let output = '';
  let over = false;
  const cancel = (): void => {
    over = true;
    timers.cancel(`${key}/sleep`);
    timers.cancel(`${key}/timeout`);
  };
  const end = (result: ProcessResult): void => {
    if (over) return;
    cancel();
    onEnd(result);
  };
  const advance = (): void => {
    let step: IteratorResult<ProcessStep, number>;
    try {
      for (step = process.next(); !over && !step.done; step = process.next()) {
        const { value } = step;
        if (value.type === 'write') output += value.text;
        else if (value.type === 'serve') return;
        else if (value.type === 'sleep')
          return timers.set(`${key}/sleep`, clock.monotonicMs() + value.ms / speed, advance);
      }
    } catch (error) {
      if (!(error instanceof UnknownProgram)) throw error;
      return end({ type: 'unknown' });
    }
    if (step.done) end({ type: 'exited', exitCode: step.value, output });
  };
  timers.set(`${key}/timeout`, clock.monotonicMs() + timeoutMs / speed, () => end({ type: 'timed-out' }));
  advance();
  return cancel;
}
