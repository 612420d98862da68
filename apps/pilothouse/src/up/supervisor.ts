import { setTimeout as sleep } from 'node:timers/promises';
import type { DataDir } from '../data-dir/data-dir.ts';
import type { ProcessIdentity } from '../data-dir/process-identity.ts';
import { UserError } from '../user-error.ts';
import type { ComponentSpec } from './components.ts';
import type { ProbeIdentity } from './probe.ts';
import { probe } from './probe.ts';
import type { ProcessExit } from './supervised-process.ts';
import { SupervisedProcess } from './supervised-process.ts';

/** What the supervisor has to say; one line each. */
export interface SupervisorReport {
  ready(name: string, afterMs: number): void;
  line(text: string): void;
  /** The set of running processes has changed. */
  changed(processes: Record<string, ProcessIdentity>): void;
}

const PROBE_INTERVAL_MS = 25;

/**
 * Starts every component at once (each waits for what it needs), watches them, starts again what ends unasked, and
 * stops them layer by layer.
 */
export class Supervisor {
  readonly #processes: readonly SupervisedProcess[];
  readonly #identity: ProbeIdentity;
  readonly #report: SupervisorReport;
  #stopping = false;
  #startFailed: ((error: Error) => void) | undefined;

  constructor(specs: readonly ComponentSpec[], dataDir: DataDir, identity: ProbeIdentity, report: SupervisorReport) {
    this.#processes = specs.map((spec) => new SupervisedProcess(spec, dataDir.log(spec.name)));
    this.#identity = identity;
    this.#report = report;
  }

  /** Resolves when every component is ready; rejects when one ends with an error before it ever was. */
  async start(timeoutMs: number): Promise<void> {
    const failed = new Promise<never>((_, reject) => (this.#startFailed = reject));
    for (const each of this.#processes) each.start((exit) => this.#onExit(each, exit));
    this.#changed();
    try {
      await Promise.race([failed, Promise.all(this.#processes.map((each) => this.#untilReady(each, timeoutMs)))]);
    } finally {
      this.#startFailed = undefined;
    }
  }

  /** Top layer first; those of one layer together. */
  async stop(): Promise<void> {
    this.#stopping = true;
    for (const layer of [2, 1, 0]) {
      await Promise.all(this.#processes.filter(({ spec }) => spec.layer === layer).map((each) => each.stop()));
    }
  }

  /** What runs, by component. */
  processes(): Record<string, ProcessIdentity> {
    const processes: Record<string, ProcessIdentity> = {};
    for (const each of this.#processes) if (each.identity) processes[each.spec.name] = each.identity;
    return processes;
  }

  killNow(): void {
    for (const each of this.#processes) each.killNow();
  }

  async #untilReady(each: SupervisedProcess, timeoutMs: number): Promise<void> {
    const since = performance.now();
    const deadline = since + timeoutMs;
    while (!this.#stopping) {
      const answer = each.state.phase === 'starting' ? await probe(each.spec.readyUrl, this.#identity) : undefined;
      if (answer?.status === 200 && each.state.phase === 'starting') {
        each.ready();
        this.#report.ready(each.spec.name, performance.now() - since);
        return;
      }
      if (performance.now() > deadline) {
        const reason = answer ? `answers ${answer.status}: ${answer.body.split('\n', 1)[0]}` : 'does not answer';
        throw new UserError(
          `${each.spec.name} is not ready after ${timeoutMs / 1000} s (${reason}); see ${each.logFile}`,
        );
      }
      await sleep(PROBE_INTERVAL_MS);
    }
  }

  #onExit(each: SupervisedProcess, exit: ProcessExit): void {
    if (this.#stopping) return;
    const { name } = each.spec;
    const how = exit.signal ? `was ended by ${exit.signal}` : `ended with code ${exit.code}`;
    const why = exit.lastLine ? `: ${exit.lastLine}` : '';
    // A wrong flag or broken data: starting again would fail again. What was killed gets its second chance.
    if (this.#startFailed && each.state.phase === 'starting' && exit.signal === null) {
      this.#stopping = true;
      this.#startFailed(new UserError(`${name} ${how} before it was ready${why} (log: ${each.logFile})`));
      return;
    }
    const wasStarting = Boolean(this.#startFailed);
    const delayMs = each.startLater(
      (next) => this.#onExit(each, next),
      () => {
        this.#changed();
        if (!wasStarting) void this.#reportRecovery(each);
      },
    );
    this.#report.line(`${name} ${how}${why}; starting it again in ${delayMs / 1000} s (log: ${each.logFile})`);
    this.#changed();
  }

  async #reportRecovery(each: SupervisedProcess): Promise<void> {
    const { state } = each;
    while (!this.#stopping && each.state === state) {
      const answer = await probe(each.spec.readyUrl, this.#identity);
      if (answer?.status === 200 && each.state === state) {
        each.ready();
        this.#report.line(`${each.spec.name} is back`);
        return;
      }
      await sleep(10 * PROBE_INTERVAL_MS);
    }
  }

  #changed(): void {
    this.#report.changed(this.processes());
  }
}
