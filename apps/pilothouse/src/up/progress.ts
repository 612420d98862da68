/** What the user sees while the cluster starts: one line per step as it is done. */
export class Progress {
  readonly #startedMs: number;

  /** `startedAt` is the epoch time in milliseconds at which the user pressed Enter. */
  constructor(startedAt: number) {
    this.#startedMs = startedAt - performance.timeOrigin;
  }

  get elapsedSeconds(): string {
    return ((performance.now() - this.#startedMs) / 1000).toFixed(1);
  }

  line(text: string): void {
    process.stdout.write(`${text}\n`);
  }

  done(step: string, detail = ''): void {
    this.line(`  ✓ ${step.padEnd(26)}${`${this.elapsedSeconds} s`.padStart(7)}${detail ? `  ${detail}` : ''}`);
  }
}
