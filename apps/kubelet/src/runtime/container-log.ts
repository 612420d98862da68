import type { Clock } from '@pilothouse/component';

export interface LogLine {
  readonly at: Date;
  readonly stream: 'stdout' | 'stderr';
  readonly text: string;
  /** False when the line was written in parts and this one has no newline yet. */
  readonly complete: boolean;
}

/** Upstream rotates at 10 MiB; a simulated container keeps less, since thousands share the process. */
const MAX_BYTES = 1024 * 1024;

/** What one attempt of a container wrote. Followers are told of every line, then of the end. */
export class ContainerLog {
  readonly #clock: Pick<Clock, 'now'>;
  readonly #lines: LogLine[] = [];
  readonly #followers = new Set<() => void>();
  #bytes = 0;
  #dropped = 0;
  #closed = false;

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Index of the first line still held; indexes never change meaning, so a follower knows where it is. */
  get firstIndex(): number {
    return this.#dropped;
  }

  get endIndex(): number {
    return this.#dropped + this.#lines.length;
  }

  line(index: number): LogLine | undefined {
    return this.#lines[index - this.#dropped];
  }

  lines(): readonly LogLine[] {
    return this.#lines;
  }

  /** `text` may hold several lines, and may end without a newline. */
  write(text: string, stream: LogLine['stream'] = 'stdout'): void {
    if (text === '' || this.#closed) return;
    const at = this.#clock.now();
    const parts = text.split('\n');
    const rest = parts.pop()!;
    for (const part of parts) this.#append({ at, stream, text: part, complete: true });
    if (rest !== '') this.#append({ at, stream, text: rest, complete: false });
    this.#notify();
  }

  close(): void {
    this.#closed = true;
    this.#notify();
    this.#followers.clear();
  }

  /** Called after every write and at the end; the result stops following. */
  follow(listener: () => void): () => void {
    this.#followers.add(listener);
    return () => this.#followers.delete(listener);
  }

  #append(line: LogLine): void {
    this.#lines.push(line);
    this.#bytes += line.text.length + 64;
    while (this.#bytes > MAX_BYTES && this.#lines.length > 1) {
      this.#bytes -= this.#lines.shift()!.text.length + 64;
      this.#dropped++;
    }
  }

  #notify(): void {
    for (const follower of [...this.#followers]) follower();
  }
}
