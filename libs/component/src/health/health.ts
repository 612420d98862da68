import type { IncomingMessage, ServerResponse } from 'node:http';

export type HealthEndpoint = 'healthz' | 'livez' | 'readyz';

/**
 * One named check. It passes when it returns, and fails with what it throws. Text that it returns is shown behind its
 * `ok`: something an operator should know that is no reason to send requests elsewhere.
 */
export interface HealthCheck {
  readonly name: string;
  check(): void | string | Promise<void | string>;
  /** Where it counts; everywhere unless told. Liveness is for what only a restart can mend. */
  readonly on?: readonly HealthEndpoint[];
}

export type DebugHandler = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;

/** What a process says about itself: its checks, its configuration and its insides. */
export class Health {
  readonly #checks: HealthCheck[] = [{ name: 'ping', check: () => undefined }];
  readonly #configz = new Map<string, () => unknown>();
  readonly #debug = new Map<string, DebugHandler>();

  /** In the order in which upstream lists them: ping first, then as added. */
  addCheck(check: HealthCheck): void {
    this.#checks.push(check);
  }

  checksOf(endpoint: HealthEndpoint): readonly HealthCheck[] {
    return this.#checks.filter(({ on }) => !on || on.includes(endpoint));
  }

  /** A configuration object for `/configz`, read when asked. */
  addConfigz(name: string, read: () => unknown): void {
    this.#configz.set(name, read);
  }

  configz(): Record<string, unknown> {
    return Object.fromEntries([...this.#configz].map(([name, read]) => [name, read()]));
  }

  /** Serves `/debug/<path>`, and everything below it when `path` ends with a slash. */
  addDebug(path: string, handler: DebugHandler): void {
    this.#debug.set(`/debug/${path}`, handler);
  }

  /** Serves what `read` returns as JSON at `/debug/<path>`. */
  addDebugDump(path: string, read: () => unknown): void {
    this.addDebug(path, (_request, response) => {
      response.setHeader('content-type', 'application/json');
      response.end(`${JSON.stringify(read(), null, 2)}\n`);
    });
  }

  debugHandler(pathname: string): DebugHandler | undefined {
    const exact = this.#debug.get(pathname);
    if (exact) return exact;
    for (const [path, handler] of this.#debug) if (path.endsWith('/') && pathname.startsWith(path)) return handler;
    return undefined;
  }

  get debugPaths(): string[] {
    return [...this.#debug.keys()].sort();
  }
}
