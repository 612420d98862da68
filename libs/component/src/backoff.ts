import type { Random } from './random.ts';
import { systemRandom } from './random.ts';

export interface BackoffOptions {
  readonly baseMs: number;
  readonly capMs: number;
  /** Growth per step; 2 unless told. */
  readonly factor?: number;
  /** Each delay is drawn from [delay, delay × (1 + jitter)), so that those who failed together do not return together. */
  readonly jitter?: number;
  readonly random?: Random;
}

/** How long to wait before each next attempt. See k8s.io/apimachinery/pkg/util/wait.Backoff. */
export class Backoff {
  #stepMs: number;
  readonly #options: Required<BackoffOptions>;

  constructor(options: BackoffOptions) {
    this.#options = { factor: 2, jitter: 0.5, random: systemRandom(), ...options };
    this.#stepMs = options.baseMs;
  }

  nextMs(): number {
    const { factor, capMs, jitter, random } = this.#options;
    const delayMs = Math.min(this.#stepMs, capMs);
    this.#stepMs = Math.min(this.#stepMs * factor, capMs);
    return delayMs * (1 + jitter * random.next());
  }

  /** After a success: the next failure starts small again. */
  reset(): void {
    this.#stepMs = this.#options.baseMs;
  }
}
