import { execFile, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { freePort } from '@pilothouse/testing';

/** An OpenAPI document may be several megabytes. */
const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;

const ROOT = join(import.meta.dirname, '..', '..');

export interface NpmStartOptions {
  readonly dataDir?: string;
  readonly port?: number;
  readonly nodes?: number;
  readonly args?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
}

/** `npm start`, as a user runs it, with what it prints and the cluster it makes. */
export class NpmStart {
  readonly dataDir: string;
  readonly port: number;
  readonly lines: string[] = [];
  #files = 0;
  readonly #child: ChildProcess;
  readonly #exited: Promise<number | null>;
  readonly #waiters = new Set<() => void>();

  private constructor(child: ChildProcess, dataDir: string, port: number) {
    this.#child = child;
    this.dataDir = dataDir;
    this.port = port;
    for (const stream of [child.stdout!, child.stderr!]) {
      createInterface({ input: stream }).on('line', (line) => {
        this.lines.push(line);
        for (const wake of this.#waiters) wake();
      });
    }
    this.#exited = once(child, 'close').then(([code]) => {
      for (const wake of this.#waiters) wake();
      return code as number | null;
    });
  }

  static async run(options: NpmStartOptions = {}): Promise<NpmStart> {
    const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), 'pilothouse-e2e-'));
    const port = options.port ?? (await freePort());
    const args = ['--data-dir', dataDir, '--port', String(port), ...(options.args ?? [])];
    if (options.nodes !== undefined) args.push('--nodes', String(options.nodes));
    const child = spawn(process.execPath, [join(ROOT, 'tools', 'setup', 'start.mjs'), ...args], {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...options.env },
    });
    return new NpmStart(child, dataDir, port);
  }

  /** Runs it until the cluster is ready. */
  static async ready(options: NpmStartOptions = {}): Promise<NpmStart> {
    const start = await NpmStart.run(options);
    await start.line(/^Ready in /);
    return start;
  }

  get kubeconfig(): string {
    return join(this.dataDir, 'admin.conf');
  }

  get pid(): number {
    return this.#child.pid!;
  }

  /** The first line that matches, printed already or yet to come; an error when it ends without one. */
  async line(pattern: RegExp): Promise<string> {
    for (;;) {
      const found = this.lines.find((line) => pattern.test(line));
      if (found !== undefined) return found;
      if (this.#child.exitCode !== null || this.#child.signalCode !== null) {
        await this.#exited;
        const last = this.lines.find((line) => pattern.test(line));
        if (last !== undefined) return last;
        throw new Error(`ended without a line like ${pattern}:\n${this.lines.join('\n')}`);
      }
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          this.#waiters.delete(wake);
          resolve();
        };
        this.#waiters.add(wake);
        void this.#exited.then(wake);
      });
    }
  }

  /** Process ids by component, as the data directory has them. */
  processes(): Record<string, number> {
    const { processes } = JSON.parse(readFileSync(join(this.dataDir, 'state.json'), 'utf8')) as {
      processes: Record<string, { pid: number }>;
    };
    return Object.fromEntries(Object.entries(processes).map(([name, { pid }]) => [name, pid]));
  }

  /** A file in the data directory with this content, for `-f`. */
  file(content: string): string {
    const path = join(this.dataDir, `input-${this.#files++}.yaml`);
    writeFileSync(path, content);
    return path;
  }

  kubectl(...args: string[]): Promise<string> {
    return new Promise((resolve, reject) => {
      const environment = { ...process.env, KUBECONFIG: this.kubeconfig };
      execFile('kubectl', args, { env: environment, maxBuffer: MAX_OUTPUT_BYTES }, (error, stdout, stderr) => {
        if (error) reject(new Error(`kubectl ${args.join(' ')}: ${stderr || error.message}`));
        else resolve(stdout.trim());
      });
    });
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  exited(): Promise<number | null> {
    return this.#exited;
  }

  async stop(): Promise<number | null> {
    this.#child.kill('SIGTERM');
    return this.#exited;
  }

  /** Stops it, if it still runs, and forgets the cluster. */
  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.dataDir, { recursive: true, force: true });
  }
}

export function isRunning(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.[0] !== 'Z';
  } catch {
    return false;
  }
}
