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

/** The one engine of all simulated behaviour: for each subject it finds the stage, waits its delay, and applies it. */
export class StagePlayer {
  readonly #options: StagePlayerOptions;

  constructor(options: StagePlayerOptions) {
    this.#options = options;
  }

  /** Call whenever a subject is new, or anything its selectors look at has changed. */
  consider(subject: PlayedSubject): void {
    const { stages, clock, timers, random, speed } = this.#options;
    const stage = selectStage(stages, subject);
    if (!stage?.next) {
      timers.cancel(subject.key);
      return;
    }
    const dueMs = subject.enteredAtMs + stageDelayMs(stage.delay, subject.fact, random.next()) / speed;
    const { next } = stage;
    const play = (): void => {
      subject.enter(next, stage);
      this.consider(subject);
    };
    timers.set(subject.key, Math.max(dueMs, clock.monotonicMs()), play);
  }

  forget(subject: { readonly key: string }): void {
    this.#options.timers.cancel(subject.key);
  }
}
