import type { Clock, Random } from '@pilothouse/component';
import type { TimerHeap } from '../timers/timer-heap.ts';
import { selectStage, stageDelayMs } from './select-stage.ts';
import type { StageSubject } from './select-stage.ts';
import type { Stage, StageNext } from './stage.ts';

/** Something that a stage can move. */
export interface PlayedSubject extends StageSubject {
  /** Unique in the process. */
  readonly key: string;
  /** When it entered its state, on the clock's monotonic scale. */
  readonly enteredAtMs: number;
  /** Takes the next state; the player looks at the subject again afterwards. */
  enter(next: StageNext, stage: Stage): void;
}

export interface StagePlayerOptions {
  readonly stages: readonly Stage[];
  readonly clock: Clock;
  readonly timers: TimerHeap;
  readonly random: Random;
  /** Delays are divided by this. */
  readonly speed: number;
}

const MOST_STEPS = 8;

/** The one engine of all simulated behaviour: for each subject it finds the stage, waits its delay, and applies it. */
export class StagePlayer {
  readonly #options: StagePlayerOptions;
  readonly #drawn = new WeakMap<PlayedSubject, { stage: Stage; enteredAtMs: number; value: number }>();

  constructor(options: StagePlayerOptions) {
    this.#options = options;
  }

  /** Call whenever a subject is new, or anything its selectors look at has changed. It moves on a later turn. */
  consider(subject: PlayedSubject): void {
    this.#plan(subject, () => this.advance(subject));
  }

  /** Like `consider`, but what is due already happens now. */
  advance(subject: PlayedSubject): void {
    for (let steps = 0; steps < MOST_STEPS; steps++) {
      if (!this.#plan(subject, () => this.advance(subject), true)) return;
    }
    // Stages that go round in a circle without a delay must not hold up the process.
    this.consider(subject);
  }

  /** Sets the timer for the subject's next stage, or with `now` plays it if it is due; true if one was played. */
  #plan(subject: PlayedSubject, later: () => void, now = false): boolean {
    const { stages, clock, timers, random, speed } = this.#options;
    const stage = selectStage(stages, subject);
    if (!stage?.next) {
      timers.cancel(subject.key);
      return false;
    }
    const nowMs = clock.monotonicMs();
    const dueMs = subject.enteredAtMs + this.#delayOf(subject, stage, random, speed);
    if (!now || dueMs > nowMs) {
      timers.set(subject.key, Math.max(dueMs, nowMs), later);
      return false;
    }
    timers.cancel(subject.key);
    subject.enter(stage.next, stage);
    return true;
  }

  /** Drawn once for each stay in a state: looking again must not change how long it lasts. */
  #delayOf(subject: PlayedSubject, stage: Stage, random: Random, speed: number): number {
    const drawn = this.#drawn.get(subject);
    const value = drawn?.stage === stage && drawn.enteredAtMs === subject.enteredAtMs ? drawn.value : random.next();
    this.#drawn.set(subject, { stage, enteredAtMs: subject.enteredAtMs, value });
    return stageDelayMs(stage.delay, subject.fact, value) / speed;
  }

  forget(subject: { readonly key: string }): void {
    this.#options.timers.cancel(subject.key);
  }
}
