import { badRequest, timeout } from '@pilothouse/apimachinery';
import { parseDurationMs } from '@pilothouse/component';
import type { Filter } from '../request.ts';

/**
 * Ends what takes longer than `--request-timeout`, or than the client's own `timeout` when that is shorter. Watches
 * have a timeout of their own.
 */
export const limitTime =
  (requestTimeoutMs: number): Filter =>
  async (request, next) => {
    if (request.longRunning) return next();
    const limitMs = clientLimitMs(request.query.get('timeout'), requestTimeoutMs);
    request.timeLimitMs = limitMs;
    let timer: NodeJS.Timeout | undefined;
    const expiry = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => {
        const error = timeout('request did not complete within the allotted timeout');
        request.abort.abort(error);
        reject(error);
      }, limitMs);
    });
    try {
      await Promise.race([next(), expiry]);
    } finally {
      clearTimeout(timer);
    }
  };

function clientLimitMs(text: string | null, maximumMs: number): number {
  if (text === null || text === '') return maximumMs;
  const wantedMs = parseDurationMs(text);
  if (wantedMs === undefined) throw badRequest(`invalid timeout specified in the request URL - ${text}`);
  if (wantedMs < 0) throw badRequest(`invalid timeout specified in the request URL - timeout ${text} is negative`);
  return wantedMs === 0 ? maximumMs : Math.min(wantedMs, maximumMs);
}
