import type { Clock, Logger, MetricsRegistry, Tracer } from '@pilothouse/component';
import type { Auditing } from './audit/audit-from-flags.ts';
import type { Authenticator } from './authentication/authenticator.ts';
import { measuredAuthenticator } from './authentication/measured-authenticator.ts';
import type { Authorizer } from './authorization/authorizer.ts';
import { measuredAuthorizer } from './authorization/measured-authorizer.ts';
import { audit, auditFailedAuthentication } from './filters/audit.ts';
import { authenticate } from './filters/authenticate.ts';
import { authorize } from './filters/authorize.ts';
import { cors } from './filters/cors.ts';
import type { OpenRequests } from './filters/count-open-requests.ts';
import { impersonate } from './filters/impersonate.ts';
import { limitInFlight, type InFlightLimits } from './filters/limit-in-flight.ts';
import { limitTime } from './filters/limit-time.ts';
import { logRequests } from './filters/log-requests.ts';
import { measureRequests } from './filters/measure-requests.ts';
import { priorityAndFairness } from './filters/priority-and-fairness.ts';
import { recover } from './filters/recover.ts';
import { sendGoaway } from './filters/send-goaway.ts';
import { traceRequests } from './filters/trace-requests.ts';
import type { FlowController } from './flow-control/flow-controller.ts';
import type { Resources } from './registry/resources.ts';
import type { Filter } from './request.ts';

export interface HandlerChainOptions {
  readonly logger: Logger;
  readonly clock: Clock;
  readonly metrics: MetricsRegistry;
  readonly tracer: Tracer;
  readonly openRequests: OpenRequests;
  readonly corsAllowedOrigins: readonly RegExp[];
  readonly inFlightLimits: InFlightLimits;
  /** Absent: requests are only counted. */
  readonly flowController?: FlowController;
  readonly resources: Resources;
  readonly requestTimeoutMs: number;
  /** How often an HTTP/2 client is asked to connect anew: a fraction of its requests. */
  readonly goawayChance: number;
  readonly authenticator: Authenticator;
  readonly allowsAnonymous: (path: string) => boolean;
  readonly authorizer: Authorizer;
  /** Absent: nothing is written down. */
  readonly audit?: Auditing;
}

/**
 * What every request goes through, in this order, before a verb sees it, and backwards on the way out. Request info,
 * audit id and the warning headers are part of the request itself (new-request.ts, http/respond.ts).
 */
export function handlerChain(options: HandlerChainOptions): readonly Filter[] {
  const { logger, clock, metrics, tracer, openRequests, authorizer } = options;
  return [
    openRequests.filter,
    traceRequests(tracer),
    measureRequests(metrics, clock),
    logRequests(logger, clock),
    recover(logger),
    cors(options.corsAllowedOrigins),
    sendGoaway(options.goawayChance, Math.random),
    limitTime(options.requestTimeoutMs),
    authenticate(
      measuredAuthenticator(options.authenticator, metrics, clock),
      options.allowsAnonymous,
      options.audit && auditFailedAuthentication(options.audit, clock),
    ),
    ...(options.audit ? [audit(options.audit, clock)] : []),
    impersonate(authorizer),
    options.flowController
      ? priorityAndFairness({ ...options, controller: options.flowController })
      : limitInFlight(options.inFlightLimits, metrics),
    authorize(measuredAuthorizer(authorizer, metrics, clock)),
  ];
}
