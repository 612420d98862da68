import type { ProcessContext } from './process.ts';

/** What one shell knows beside the variables and files of its context. */
export interface ShellState {
  readonly context: ProcessContext;
  lastCode: number;
}
