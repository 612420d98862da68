import { internalError, StatusError, type Status } from '@pilothouse/apimachinery';
import type { Clock } from '@pilothouse/component';
import { auditEvent } from '../audit/audit-event.ts';
import type { Auditing } from '../audit/audit-from-flags.ts';
import { auditDecision, type AuditStage } from '../audit/policy.ts';
import { tlsSocketOf } from '../authentication/client-certificate.ts';
import { toStatusError } from '../http/respond-error.ts';
import type { ApiRequest, Filter } from '../request.ts';

/** Writes down who did what, as the policy says. https://kubernetes.io/docs/tasks/debug/debug-cluster/audit/ */
export function audit({ policy, sink, metrics }: Auditing, clock: Clock): Filter {
  return async (request, next) => {
    const decision = auditDecision(policy, request);
    metrics.decided(decision.level);
    if (decision.level === 'None') return next();
    request.audit.keepsBodies = true;
    request.audit.showsObjects = decision.level !== 'Metadata';
    const record = (stage: AuditStage, status?: Partial<Status>): void | Promise<void> => {
      if (decision.omitStages.has(stage)) return undefined;
      metrics.sent();
      return sink.write([auditEvent(request, decision, stage, clock.now(), status)]);
    };
    const answered = (): Partial<Status> => ({ ...request.audit.status, code: request.response.statusCode });
    try {
      await record('RequestReceived');
    } catch {
      metrics.rejected();
      throw internalError(new Error('failed to store audit event'));
    }
    let hasStarted = false;
    if (request.longRunning) {
      request.onResponseStarted = () => {
        hasStarted = true;
        void Promise.resolve(record('ResponseStarted', answered())).catch(() => {});
      };
    }
    try {
      await next();
    } catch (error) {
      const { status } = toStatusError(error);
      // What nobody expected, Go would have panicked of.
      if (error instanceof StatusError) await settled(record('ResponseComplete', status));
      else await settled(record('Panic', { ...status, message: `APIServer panic'd: ${String(error)}` }));
      throw error;
    }
    if (request.longRunning && !hasStarted) await settled(record('ResponseStarted', answered()));
    await settled(record('ResponseComplete', answered()));
  };
}

/** The answer is out: that it was not written down is told by the sink. */
async function settled(writing: void | Promise<void>): Promise<void> {
  try {
    await writing;
  } catch {
    // Counted and logged where it happened.
  }
}

/** A request whose credentials do not hold: nobody's, but worth knowing of. */
export function auditFailedAuthentication({ policy, sink }: Auditing, clock: Clock): (request: ApiRequest) => void {
  return (request) => {
    const nobody: ApiRequest = { ...request, user: { name: '', groups: [] } };
    const decision = auditDecision(policy, nobody);
    if (decision.level === 'None' || decision.omitStages.has('ResponseStarted')) return;
    const status = { message: attemptedMethods(request), code: 401 };
    void settled(sink.write([auditEvent(nobody, decision, 'ResponseStarted', clock.now(), status)]));
  };
}

function attemptedMethods(request: ApiRequest): string {
  const authorization = request.headers.authorization ?? '';
  const methods = [
    ...(/^basic \S/i.test(authorization) ? ['basic'] : []),
    ...(/^bearer \S/i.test(authorization) ? ['bearer'] : []),
    ...(request.query.get('access_token') ? ['access_token'] : []),
    ...(tlsSocketOf(request)?.getPeerX509Certificate() ? ['x509'] : []),
  ];
  return methods.length > 0
    ? `Authentication failed, attempted: ${methods.join(', ')}`
    : 'Authentication failed, no credentials provided';
}
