import { createWriteStream, readdirSync, renameSync, rmSync, statSync, type WriteStream } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { AuditEvent } from './audit-event.ts';

export interface AuditSink {
  write(event: AuditEvent): void;
  close(): Promise<void>;
}

export interface AuditLogOptions {
  /** `-` is standard output. */
  readonly path: string;
  /** The file is set aside when it is larger than this; 0 for never. */
  readonly maxBytes: number;
  /** How many files that were set aside are kept; 0 for all. */
  readonly maxBackups: number;
  readonly now: () => Date;
}

/** One JSON object a line: https://kubernetes.io/docs/tasks/debug/debug-cluster/audit/#log-backend */
export class AuditLog implements AuditSink {
  readonly #options: AuditLogOptions;
  #stream: NodeJS.WritableStream;
  #bytes = 0;

  constructor(options: AuditLogOptions) {
    this.#options = options;
    this.#stream = options.path === '-' ? process.stdout : this.#open();
  }

  write(event: AuditEvent): void {
    const line = `${JSON.stringify(event)}\n`;
    const { path, maxBytes } = this.#options;
    this.#bytes += Buffer.byteLength(line);
    if (path !== '-' && maxBytes > 0 && this.#bytes > maxBytes) this.#rotate(Buffer.byteLength(line));
    this.#stream.write(line);
  }

  async close(): Promise<void> {
    if (this.#options.path === '-') return;
    await new Promise<void>((resolve) => (this.#stream as WriteStream).end(() => resolve()));
  }

  #open(): WriteStream {
    this.#bytes = statSync(this.#options.path, { throwIfNoEntry: false })?.size ?? 0;
    return createWriteStream(this.#options.path, { flags: 'a', mode: 0o600 });
  }

  #rotate(lineBytes: number): void {
    const { path, maxBackups, now } = this.#options;
    (this.#stream as WriteStream).end();
    renameSync(path, `${path}-${now().toISOString().replaceAll(':', '-')}`);
    this.#stream = this.#open();
    this.#bytes = lineBytes;
    if (maxBackups === 0) return;
    const backups = readdirSync(dirname(path))
      .filter((file) => file.startsWith(`${basename(path)}-`))
      .sort();
    for (const file of backups.slice(0, -maxBackups)) rmSync(join(dirname(path), file), { force: true });
  }
}
