import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Finding {
  readonly fault: string;
  readonly writePauseMs: number;
  readonly readPauseMs: number;
  readonly watchPauseMs: number;
  /** Until another held the lease. */
  readonly takeoverMs?: number | undefined;
}

export interface Load {
  readonly writes: number;
  readonly retried: number;
  readonly events: number;
  readonly pods: number;
  readonly resumed: number;
  readonly relisted: number;
  /** Acknowledged writes without a trace, undone ones, events out of order or twice: over the whole run. */
  readonly lost: number;
}

const FILE = join(import.meta.dirname, '..', '..', 'docs', 'reliability.md');
const BEGIN = '<!-- measured by npm run chaos -->';
const END = '<!-- end of what was measured -->';

/** Says what a run has found; with PILOTHOUSE_CHAOS_REPORT set it also stands in docs/reliability.md. */
export class Report {
  readonly #findings: Finding[] = [];
  #load: Load | undefined;

  add(finding: Finding): void {
    this.#findings.push(finding);
  }

  load(load: Load): void {
    this.#load = load;
  }

  publish(): void {
    const text = this.#markdown();
    process.stdout.write(`\n${text}\n`);
    if (!process.env['PILOTHOUSE_CHAOS_REPORT']) return;
    const before = readFileSync(FILE, 'utf8');
    const [from, to] = [before.indexOf(BEGIN), before.indexOf(END)];
    if (from < 0 || to < from) throw new Error(`${FILE} has no place for the table`);
    writeFileSync(FILE, `${before.slice(0, from)}${BEGIN}\n${text}\n${before.slice(to)}`);
  }

  #markdown(): string {
    const load = this.#load;
    const lost = load ? String(load.lost || 'nothing') : 'unknown';
    const rows = this.#findings.map(({ fault, writePauseMs, readPauseMs, watchPauseMs, takeoverMs }) => {
      const cells = [writePauseMs, readPauseMs, watchPauseMs, takeoverMs].map((ms) =>
        ms === undefined ? '' : `${(ms / 1000).toFixed(1)} s`,
      );
      return `| ${fault} | 1 | ${cells.join(' | ')} | ${lost} |`;
    });
    return [
      '| fault | injected | longest pause of writes | of reads | of a watch | lease taken over after | lost |',
      '|---|---:|---:|---:|---:|---:|---|',
      ...rows,
      '',
      load
        ? `In that run: ${load.writes} acknowledged writes by four writers (${load.retried} attempts failed and were ` +
          `repeated), ${load.events} watch events checked one by one (watches were resumed ${load.resumed} times, ` +
          `${load.relisted} of them after a list, because an apiserver that had just started did not remember so far back), ` +
          `${load.pods} pods made and bound.`
        : 'The run did not come to its end.',
    ].join('\n');
  }
}
