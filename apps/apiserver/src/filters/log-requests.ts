import type { Clock, Logger } from '@pilothouse/component';
import type { Filter } from '../request.ts';

/** One line per request at `-v=4`; slow ones (upstream's threshold: 0.5 s, watches aside) always. */
const SLOW_MS = 500;

export const logRequests =
  (logger: Logger, clock: Clock): Filter =>
  async (request, next) => {
    await next();
    const durationMs = clock.monotonicMs() - request.startedMs;
    const slow = durationMs > SLOW_MS && !request.longRunning;
    if (!slow && !logger.isLevelEnabled('debug')) return;
    const fields = {
      verb: request.info.verb,
      path: request.info.path,
      user: request.user.name,
      userAgent: request.headers['user-agent'],
      code: request.response.statusCode,
      durationMs: Math.round(durationMs * 10) / 10,
      auditId: request.auditId,
    };
    if (slow) logger.info(fields, 'Slow request');
    else logger.debug(fields, 'Request');
  };
