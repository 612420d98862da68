import type { Logger } from '../logger.ts';

interface Hook {
  readonly name: string;
  readonly run: () => void | Promise<void>;
}

/**
 * What must happen before the process ends, last registered first, as `defer` has it: what was started on top of
 * something stops before it.
 */
export class Shutdown {
  readonly #controller = new AbortController();
  readonly #hooks: Hook[] = [];
  readonly #logger: Logger;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** Aborts when the stop begins. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  add(name: string, run: () => void | Promise<void>): void {
    this.#hooks.push({ name, run });
  }

  /** Runs every hook even when one fails; resolves false when `deadlineMs` passed first. */
  async stop(reason: string, deadlineMs: number): Promise<boolean> {
    this.#controller.abort(new Error(reason));
    let timer: NodeJS.Timeout | undefined;
    const deadline = new Promise<boolean>((resolve) => {
      timer = setTimeout(resolve, deadlineMs, false);
    });
    const finished = await Promise.race([this.#runHooks().then(() => true), deadline]);
    clearTimeout(timer);
    return finished;
  }

  async #runHooks(): Promise<void> {
    for (let hook = this.#hooks.pop(); hook; hook = this.#hooks.pop()) {
      try {
        await hook.run();
      } catch (error) {
        this.#logger.error({ err: error, hook: hook.name }, 'Shutdown hook failed');
      }
    }
  }
}
