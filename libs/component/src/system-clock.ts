import type { Clock } from './clock.ts';
import { sleepWith } from './sleep.ts';

/** setTimeout silently turns a longer delay into 1 ms, so longer ones are walked in steps. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** The real clock. Everything but a process's entry point receives it as a `Clock`. */
export function systemClock(): Clock {
  return CLOCK;
}

function after(delayMs: number, callback: () => void): () => void {
  const dueMs = performance.now() + delayMs;
  const arm = (leftMs: number): NodeJS.Timeout =>
    leftMs <= LONGEST_TIMER_MS
      ? setTimeout(callback, leftMs)
      : setTimeout(() => (timer = arm(dueMs - performance.now())), LONGEST_TIMER_MS);
  let timer = arm(delayMs);
  return () => clearTimeout(timer);
}

const CLOCK: Clock = {
  now: () => new Date(),
  monotonicMs: () => performance.now(),
  after,
  sleep: (delayMs, signal) => sleepWith(after, delayMs, signal),
};
