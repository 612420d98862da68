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
  /** Operations of the clients whose every answer was judged, and how many writes of theirs had no clear outcome. */
  readonly judged: number;
  readonly ambiguous: number;
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
    const rows = [...Map.groupBy(this.#findings, ({ fault }) => fault)].map(([fault, found]) => {
      const { writePauseMs, readPauseMs, watchPauseMs, takeoverMs } = worst(found);
      const cells = [writePauseMs, readPauseMs, watchPauseMs, takeoverMs].map((ms) =>
        ms === undefined ? '' : `${(ms / 1000).toFixed(1)} s`,
      );
      return `| ${fault} | ${found.length} | ${cells.join(' | ')} | ${lost} |`;
    });
    return [
      '| fault | injected | longest pause of writes | of reads | of a watch | lease taken over after | lost |',
      '|---|---:|---:|---:|---:|---:|---|',
      ...rows,
      '',
      load
        ? `In that run: ${load.writes} acknowledged writes by four writers (${load.retried} attempts failed and were ` +
          `repeated), ${load.judged} operations of six more clients through both apiservers, all judged (${load.ambiguous} writes ` +
          `without a clear outcome), ${load.events} watch events checked one by one (watches were resumed ${load.resumed} times, ` +
          `${load.relisted} of them after a list, because an apiserver that had just started did not remember so far back), ` +
          `${load.pods} pods made and bound.`
        : 'The run did not come to its end.',
    ].join('\n');
  }
}

/** The longest of each, over all times a fault was injected. */
function worst(found: readonly Finding[]): Omit<Finding, 'fault'> {
  const longest = (of: (finding: Finding) => number | undefined) => {
    const all = found.map(of).filter((ms) => ms !== undefined);
    return all.length > 0 ? Math.max(...all) : undefined;
  };
  return {
    writePauseMs: longest((each) => each.writePauseMs) ?? 0,
    readPauseMs: longest((each) => each.readPauseMs) ?? 0,
    watchPauseMs: longest((each) => each.watchPauseMs) ?? 0,
    takeoverMs: longest((each) => each.takeoverMs),
  };
}
