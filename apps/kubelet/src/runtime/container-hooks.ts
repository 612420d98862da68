import type { Container } from '@pilothouse/api';
import { runHook } from './lifecycle-hooks.ts';
import type { ProbeTarget } from './probes/probe-target.ts';
import type { Simulation } from './simulation.ts';

/** SIGTERM leaves so much time at least, however much of the grace period the hook has taken. */
const MIN_GRACE_MS = 2000;

/** The hooks of one container: one after its start, one before its stop, never both at a time. */
export class ContainerHooks {
  readonly #container: Container;
  readonly #target: ProbeTarget;
  readonly #simulation: Simulation;
  /** Ends the hook that runs. */
  #cancel: (() => void) | undefined;
  /** While the preStop hook runs. */
  #preStop: { readonly startedAtMs: number; gracePeriodMs: number } | undefined;

  constructor(container: Container, target: ProbeTarget, simulation: Simulation) {
    this.#container = container;
    this.#target = target;
    this.#simulation = simulation;
  }

  get hasPostStart(): boolean {
    return this.#container.lifecycle?.postStart !== undefined;
  }

  get hasPreStop(): boolean {
    return this.#container.lifecycle?.preStop !== undefined;
  }

  get isStopping(): boolean {
    return this.#preStop !== undefined;
  }

  postStart(done: (succeeded: boolean) => void): void {
    let isDone = false;
    const cancel = runHook(
      {
        name: 'postStart',
        handler: this.#container.lifecycle?.postStart,
        target: this.#target,
        done: (succeeded) => {
          isDone = true;
          this.#cancel = undefined;
          done(succeeded);
        },
      },
      this.#simulation,
    );
    if (!isDone) this.#cancel = cancel;
  }

  /**
   * Runs the hook, but no longer than the grace period; `done` is told what of that is left. Asked again while it
   * runs, it only gets another, shorter, grace period.
   */
  preStop(gracePeriodMs: number, done: (succeeded: boolean, leftMs: number) => void): void {
    const { timers, clock, speed } = this.#simulation;
    const startedAtMs = this.#preStop?.startedAtMs ?? clock.monotonicMs();
    const finish = (succeeded: boolean): void => {
      const preStop = this.#preStop;
      if (!preStop) return;
      const spentMs = (clock.monotonicMs() - preStop.startedAtMs) * speed;
      this.cancel();
      done(succeeded, Math.max(MIN_GRACE_MS, preStop.gracePeriodMs - spentMs));
    };
    timers.set(this.#timerKey, startedAtMs + gracePeriodMs / speed, () => finish(true));
    if (this.#preStop) {
      this.#preStop.gracePeriodMs = gracePeriodMs;
      return;
    }
    this.#preStop = { startedAtMs, gracePeriodMs };
    const handler = this.#container.lifecycle?.preStop;
    const cancel = runHook({ name: 'preStop', handler, target: this.#target, done: finish }, this.#simulation);
    if (this.#preStop) this.#cancel = cancel;
  }

  cancel(): void {
    this.#simulation.timers.cancel(this.#timerKey);
    this.#cancel?.();
    this.#cancel = this.#preStop = undefined;
  }

  get #timerKey(): string {
    return `pre-stop/${this.#target.key}`;
  }
}
