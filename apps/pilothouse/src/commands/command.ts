/** One word after `pilothouse`. What it needs is imported when it runs: `up` stays resident and must stay small. */
export interface Command {
  readonly name: string;
  readonly summary: string;
  /** Resolves with the exit code. */
  run(args: readonly string[]): Promise<number>;
}
