import { StatusError, internalError } from '@pilothouse/apimachinery';
import type { Logger } from '@pilothouse/component';
import { respondError } from '../http/respond-error.ts';
import type { Filter } from '../request.ts';

/** The outermost filter: whatever is thrown inside becomes a Status, and nothing reaches the process. */
export const recover =
  (logger: Logger): Filter =>
  async (request, next) => {
    try {
      await next();
    } catch (error) {
      if (request.response.destroyed) return;
      if (!(error instanceof StatusError)) {
        logger.error({ err: error, auditId: request.auditId, path: request.info.path }, 'Request failed unexpectedly');
      }
      await respondError(request, error instanceof StatusError ? error : internalError(error));
    }
  };
