import type { ContainerLog, LogLine } from '../runtime/container-log.ts';
import type { LogOptions } from './log-options.ts';

/** Reads a log as asked for: what is there now, and with `follow` what comes after, until it ends. */
export class LogReader {
  readonly #log: ContainerLog;
  readonly #options: LogOptions;
  #next: number;
  #bytesLeft: number;

  constructor(log: ContainerLog, options: LogOptions) {
    this.#log = log;
    this.#options = options;
    this.#next = firstIndex(log, options);
    this.#bytesLeft = options.limitBytes ?? Infinity;
  }

  /** Nothing more will come. */
  get done(): boolean {
    return this.#bytesLeft <= 0 || ((this.#log.closed || !this.#options.follow) && this.#next >= this.#log.endIndex);
  }

  /** The text since the last call; empty when nothing came. */
  read(): string {
    let text = '';
    for (
      this.#next = Math.max(this.#next, this.#log.firstIndex);
      this.#next < this.#log.endIndex && this.#bytesLeft > 0;
      this.#next++
    ) {
      const line = this.#log.line(this.#next)!;
      if (!selected(line, this.#options)) continue;
      const shown = formatLine(line, this.#options.timestamps);
      const bytes = Buffer.byteLength(shown);
      text += bytes <= this.#bytesLeft ? shown : Buffer.from(shown).subarray(0, this.#bytesLeft).toString();
      this.#bytesLeft -= bytes;
    }
    return text;
  }
}

function selected({ at, stream }: LogLine, options: LogOptions): boolean {
  if (options.since && at < options.since) return false;
  return options.stream === 'All' || options.stream.toLowerCase() === stream;
}

/** Where the last `tailLines` of the selected lines begin. */
function firstIndex(log: ContainerLog, options: LogOptions): number {
  if (options.tailLines === undefined) return log.firstIndex;
  let left = options.tailLines;
  let index = log.endIndex;
  while (index > log.firstIndex && left > 0) if (selected(log.line(--index)!, options)) left--;
  return index;
}

/** `2030-01-01T00:00:00.123000000Z text`: Go's RFC 3339 with nanoseconds. */
function formatLine({ at, text, complete }: LogLine, timestamps: boolean): string {
  const prefix = timestamps ? `${at.toISOString().replace(/Z$/, '000000Z')} ` : '';
  return `${prefix}${text}${complete ? '\n' : ''}`;
}
