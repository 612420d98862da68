import { ClientClosedError, TransportError } from '../transport/transport.ts';

/** As client-go. */
export const MAX_RETRIES = 10;

const FIRST_DELAY_MS = 50;
const LONGEST_DELAY_MS = 1_000;

export type Outcome =
  | { readonly error: unknown }
  | { readonly status: number; readonly retryAfter: string | undefined };

/**
 * Whether to send a request again, and after how many milliseconds. A write is repeated only when the server certainly
 * has not seen it, or has said when to come back: a repeated create could succeed twice.
 */
export function planRetry(method: string, retries: number, outcome: Outcome): { delayMs: number } | undefined {
  if (retries >= MAX_RETRIES) return undefined;
  if ('status' in outcome) {
    const asksForIt = outcome.status === 429 || outcome.status >= 500;
    const seconds = Number(outcome.retryAfter);
    return asksForIt && outcome.retryAfter && Number.isFinite(seconds) ? { delayMs: seconds * 1000 } : undefined;
  }
  if (!(outcome.error instanceof TransportError) || outcome.error instanceof ClientClosedError) return undefined;
  if (outcome.error.mayHaveBeenProcessed && method !== 'GET') return undefined;
  // At once the first time: most often an idle connection went away and the next one works.
  return { delayMs: retries === 0 ? 0 : Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** retries) };
}
