import type { Probe } from '@pilothouse/api';
import type { Simulation } from '../simulation.ts';
import type { ProbeTarget } from './probe-target.ts';
import { runHandler } from './run-handler.ts';
import type { HandlerOutcome } from './run-handler.ts';

export type ProbeKind = 'startup' | 'readiness' | 'liveness';

export interface ProbeWorkerOptions {
  readonly kind: ProbeKind;
  readonly probe: Probe;
  readonly target: ProbeTarget;
  readonly simulation: Simulation;
  /** How long ago the container started. */
  readonly elapsedMs: number;
  /** What it found before this kubelet started. */
  readonly before?: ProbeVerdict;
  readonly onFailure: (message: string) => void;
  readonly onVerdict: () => void;
}

/**
 * `assumed`: the simulation can not tell, so the probe is taken to succeed after its initial delay and is not asked
 * again.
 */
export type ProbeVerdict = 'pending' | 'succeeded' | 'failed' | 'assumed';

/**
 * Asks one probe of one running container again and again, and counts: the thresholds and the order are those of
 * upstream's prober worker. A startup probe is over once it succeeded; after a failure that ends the container nothing
 * more is asked.
 * https://kubernetes.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/
 */
export class ProbeWorker {
  verdict: ProbeVerdict = 'pending';
  readonly #options: ProbeWorkerOptions;
  readonly #key: string;
  #run: { readonly result: 'success' | 'failure'; readonly length: number } | undefined;
  #hasSucceeded = false;
  #cancel: (() => void) | undefined;
  #stopped = false;

  constructor(options: ProbeWorkerOptions) {
    this.#options = options;
    this.#key = `probe/${options.kind}/${options.target.key}`;
    if (options.before) this.verdict = options.before;
  }

  start(): void {
    const { probe, elapsedMs, simulation } = this.#options;
    const waitMs = Math.max(0, ((probe.initialDelaySeconds ?? 0) * 1000) / simulation.speed - elapsedMs);
    this.#wait(waitMs);
  }

  stop(): void {
    this.#stopped = true;
    this.#options.simulation.timers.cancel(this.#key);
    this.#cancel?.();
  }

  #wait(ms: number): void {
    const { timers, clock } = this.#options.simulation;
    if (!this.#stopped) timers.set(this.#key, clock.monotonicMs() + ms, () => this.#ask());
  }

  #ask(): void {
    const { probe, target, simulation } = this.#options;
    const askedAtMs = simulation.clock.monotonicMs();
    const timeoutMs = (probe.timeoutSeconds ?? 1) * 1000;
    const periodMs = ((probe.periodSeconds ?? 10) * 1000) / simulation.speed;
    this.#cancel = runHandler(probe, { key: `${this.#key}/run`, timeoutMs, target }, simulation, (outcome) => {
      if (this.#stopped) return;
      this.#take(outcome);
      if (!this.#isOver()) this.#wait(Math.max(0, askedAtMs + periodMs - simulation.clock.monotonicMs()));
    });
  }

  #take(outcome: HandlerOutcome): void {
    const { kind, probe, target, onFailure } = this.#options;
    // What an unknown program would have prepared for its probe is not there; once it was, its absence means something.
    const isGuess = outcome.result === 'failure' && probe.exec && target.isOpaque && !this.#hasSucceeded;
    if (outcome.result === 'unknown' || isGuess) return this.#decide('assumed');
    this.#hasSucceeded ||= outcome.result === 'success';
    this.#run =
      this.#run?.result === outcome.result
        ? { result: outcome.result, length: this.#run.length + 1 }
        : { result: outcome.result, length: 1 };
    if (outcome.result === 'success') {
      if (this.#run.length >= (probe.successThreshold ?? 1)) this.#decide('succeeded');
      return;
    }
    const label = `${kind[0]!.toUpperCase()}${kind.slice(1)}`;
    onFailure(`${label} probe failed: ${outcome.message}`);
    if (this.#run.length >= (probe.failureThreshold ?? 3)) this.#decide('failed');
  }

  #decide(verdict: ProbeVerdict): void {
    if (verdict === this.verdict) return;
    this.verdict = verdict;
    this.#options.onVerdict();
  }

  #isOver(): boolean {
    const { kind, probe } = this.#options;
    // An assumed exec probe may come to mean something later; the other handlers only ever answer the same.
    if (this.verdict === 'assumed') return !probe.exec || kind === 'startup' || !this.#options.target.isOpaque;
    return (kind === 'startup' && this.verdict !== 'pending') || (kind === 'liveness' && this.verdict === 'failed');
  }
}
