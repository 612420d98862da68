import type { Clock } from '@pilothouse/component';
import { auditEvent } from '../audit/audit-event.ts';
import type { AuditSink } from '../audit/audit-log.ts';
import { auditDecision, type AuditPolicy, type AuditStage } from '../audit/policy.ts';
import { toStatusError } from '../http/respond-error.ts';
import type { Filter } from '../request.ts';

/** Writes down who did what, as the policy says. https://kubernetes.io/docs/tasks/debug/debug-cluster/audit/ */
export function audit(policy: AuditPolicy, sink: AuditSink, clock: Clock): Filter {
  return async (request, next) => {
    const { level, omitStages } = auditDecision(policy, request);
    if (level === 'None') return next();
    request.audit.keepsBodies = level === 'Request' || level === 'RequestResponse';
    const record = (stage: AuditStage, code?: number) => {
      if (omitStages.has(stage)) return;
      const event = auditEvent(request, level, stage, clock.now());
      sink.write(code === undefined ? event : { ...event, responseStatus: { ...event.responseStatus, code } });
    };
    record('RequestReceived');
    if (request.longRunning) request.onResponseStarted = () => record('ResponseStarted', request.response.statusCode);
    try {
      await next();
    } catch (error) {
      record('ResponseComplete', toStatusError(error).code);
      throw error;
    }
    record('ResponseComplete');
  };
}
