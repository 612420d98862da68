import {
  createReadStream,
  createWriteStream,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  type WriteStream,
} from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { AuditEvent } from './audit-event.ts';
import type { AuditSink } from './audit-sink.ts';

const DAY_MS = 24 * 3_600_000;

export interface AuditLogOptions {
  /** `-` is standard output. */
  readonly path: string;
  /** The file is set aside when it would be larger than this; 0 for never. */
  readonly maxBytes: number;
  /** How many files that were set aside are kept; 0 for all. */
  readonly maxBackups: number;
  /** For how many days they are kept; 0 for ever. */
  readonly maxAgeDays: number;
  /** Whether they are compressed. */
  readonly compress: boolean;
  /** What could not be written is lost. */
  readonly onError: (error: Error) => void;
  readonly now: () => Date;
}

/** One JSON object a line: https://kubernetes.io/docs/tasks/debug/debug-cluster/audit/#log-backend */
export class AuditLog implements AuditSink {
  readonly #options: AuditLogOptions;
  #stream: NodeJS.WritableStream;
  #bytes = 0;
  #tidying: Promise<void> = Promise.resolve();

  constructor(options: AuditLogOptions) {
    this.#options = options;
    this.#stream = options.path === '-' ? process.stdout : this.#open();
  }

  write(events: readonly AuditEvent[]): void {
    const { path, maxBytes } = this.#options;
    for (const event of events) {
      const line = `${JSON.stringify(event)}\n`;
      const size = Buffer.byteLength(line);
      if (path !== '-' && maxBytes > 0 && this.#bytes > 0 && this.#bytes + size > maxBytes) this.#rotate();
      this.#bytes += size;
      this.#stream.write(line);
    }
  }

  async close(): Promise<void> {
    if (this.#options.path === '-') return;
    await new Promise<void>((resolve) => (this.#stream as WriteStream).end(() => resolve()));
    await this.#tidying;
  }

  #open(): WriteStream {
    this.#bytes = statSync(this.#options.path, { throwIfNoEntry: false })?.size ?? 0;
    // Opened at once, so that a log that cannot be written is found out at the start.
    const stream = createWriteStream(this.#options.path, { fd: openSync(this.#options.path, 'a', 0o600) });
    return stream.on('error', this.#options.onError);
  }

  /** `audit.log` → `audit-2026-01-02T03-04-05.678.log`, as upstream names them. */
  #rotate(): void {
    const { path, now } = this.#options;
    const full = this.#stream as WriteStream;
    const extension = extname(path);
    const stamp = now().toISOString().replaceAll(':', '-').replace('Z', '');
    const aside = join(dirname(path), `${basename(path, extension)}-${stamp}${extension}`);
    renameSync(path, aside);
    this.#stream = this.#open();
    const written = new Promise<void>((resolve) => full.end(() => resolve()));
    this.#tidying = this.#tidy(this.#tidying, written, aside);
  }

  async #tidy(before: Promise<void>, written: Promise<void>, aside: string): Promise<void> {
    await before;
    await written;
    if (this.#options.compress) {
      await pipeline(createReadStream(aside), createGzip(), createWriteStream(`${aside}.gz`, { mode: 0o600 }));
      rmSync(aside, { force: true });
    }
    this.#removeOld();
  }

  #removeOld(): void {
    const { path, maxBackups, maxAgeDays, now } = this.#options;
    const extension = extname(path);
    const prefix = `${basename(path, extension)}-`;
    const backups = readdirSync(dirname(path))
      .filter((file) => file.startsWith(prefix) && (file.endsWith(extension) || file.endsWith(`${extension}.gz`)))
      .sort((a, b) => (a < b ? -1 : 1));
    const tooMany = maxBackups > 0 ? backups.slice(0, -maxBackups) : [];
    const oldest = now().getTime() - maxAgeDays * DAY_MS;
    const tooOld = maxAgeDays > 0 ? backups.filter((file) => setAsideAt(file.slice(prefix.length)) < oldest) : [];
    for (const file of new Set([...tooMany, ...tooOld])) rmSync(join(dirname(path), file), { force: true });
  }
}

/** The time in a backup's name; never too old when there is none in it. */
function setAsideAt(rest: string): number {
  const [, day, hour, minute, second] = /^(\d{4}-\d\d-\d\d)T(\d\d)-(\d\d)-(\d\d\.\d{3})/.exec(rest) ?? [];
  return day === undefined ? Infinity : Date.parse(`${day}T${hour}:${minute}:${second}Z`);
}
