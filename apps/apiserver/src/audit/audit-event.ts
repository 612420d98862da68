import type { Status } from '@pilothouse/apimachinery';
import type { UserInfo } from '../authentication/user-info.ts';
import type { ApiRequest } from '../request.ts';
import { auditedObject } from './audited-object.ts';
import type { AuditDecision, AuditLevel, AuditStage } from './policy.ts';

/** audit.k8s.io/v1 Event: https://kubernetes.io/docs/reference/config-api/apiserver-audit.v1/#audit-k8s-io-v1-Event */
export interface AuditEvent {
  readonly kind: 'Event';
  readonly apiVersion: 'audit.k8s.io/v1';
  readonly level: AuditLevel;
  readonly auditID: string;
  readonly stage: AuditStage;
  readonly requestURI: string;
  readonly verb: string;
  readonly user: object;
  readonly impersonatedUser?: object;
  readonly sourceIPs?: readonly string[];
  readonly userAgent?: string;
  readonly objectRef?: object;
  readonly responseStatus?: Partial<Status>;
  readonly requestObject?: unknown;
  readonly responseObject?: unknown;
  readonly requestReceivedTimestamp: string;
  readonly stageTimestamp: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

const MAX_USER_AGENT = 1024;
const NAMED_BY_BODY = new Set(['create', 'update']);

/** What can be said of a request at one of its stages, as far as the level lets it. */
export function auditEvent(
  request: ApiRequest,
  { level, omitManagedFields }: Pick<AuditDecision, 'level' | 'omitManagedFields'>,
  stage: AuditStage,
  now: Date,
  responseStatus?: Partial<Status>,
): AuditEvent {
  const { info, audit, http, originalUser, user } = request;
  const withRequest = level === 'Request' || level === 'RequestResponse';
  const done = stage === 'ResponseComplete' || stage === 'Panic';
  const body =
    done && audit.requestBody && (withRequest || NAMED_BY_BODY.has(info.verb)) ? audit.requestBody : undefined;
  const requestObject = body && auditedObject(body, omitManagedFields);
  const responseObject =
    level === 'RequestResponse' && done && audit.responseBody && auditedObject(audit.responseBody, omitManagedFields);
  return {
    kind: 'Event',
    apiVersion: 'audit.k8s.io/v1',
    level,
    auditID: request.auditId,
    stage,
    requestURI: http.url,
    verb: info.verb,
    user: userOf(originalUser ?? user),
    ...(originalUser ? { impersonatedUser: userOf(user) } : {}),
    ...sourceIps(request),
    ...userAgentOf(request),
    ...(info.isResource ? { objectRef: objectReference(request, requestObject) } : {}),
    ...(responseStatus ? { responseStatus: boundedStatus(responseStatus) } : {}),
    ...(withRequest && requestObject ? { requestObject } : {}),
    ...(responseObject ? { responseObject } : {}),
    requestReceivedTimestamp: microTime(request.receivedAt),
    stageTimestamp: microTime(stage === 'RequestReceived' ? request.receivedAt : now),
    ...(audit.annotations.size > 0 ? { annotations: Object.fromEntries([...audit.annotations].sort(byKey)) } : {}),
  };
}

/** As Go prints maps. */
function byKey([a]: [string, string], [b]: [string, string]): number {
  return a < b ? -1 : 1;
}

/** Nobody, when authentication failed. */
function userOf({ name, uid, groups, extra }: UserInfo): object {
  return {
    ...(name === '' ? {} : { username: name }),
    ...(uid ? { uid } : {}),
    ...(groups.length > 0 ? { groups } : {}),
    ...(extra && Object.keys(extra).length > 0 ? { extra } : {}),
  };
}

/** What the path does not say, the object does. */
function objectReference({ info }: ApiRequest, object: unknown): object {
  const { resource, namespace, name, apiGroup, apiVersion, subresource } = info;
  const metadata = NAMED_BY_BODY.has(info.verb)
    ? (object as { metadata?: Record<string, unknown> } | undefined)?.metadata
    : undefined;
  const text = (field: string) => (typeof metadata?.[field] === 'string' ? metadata[field] : '');
  const fields = {
    resource,
    namespace: namespace || text('namespace'),
    name: name || text('name'),
    uid: text('uid'),
    apiGroup,
    apiVersion,
    resourceVersion: text('resourceVersion'),
    subresource,
  };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== ''));
}

/** Only what is bounded in size. */
function boundedStatus({ status, message, reason, details, code }: Partial<Status>): Partial<Status> {
  return {
    metadata: {},
    ...(status ? { status } : {}),
    ...(message ? { message } : {}),
    ...(reason ? { reason } : {}),
    ...(details && Object.keys(details).length > 0 ? { details } : {}),
    ...(code ? { code } : {}),
  };
}

function userAgentOf({ headers }: ApiRequest): { userAgent?: string } {
  const userAgent = headers['user-agent'];
  if (!userAgent) return {};
  if (userAgent.length <= MAX_USER_AGENT) return { userAgent };
  return { userAgent: `${userAgent.slice(0, MAX_USER_AGENT)}...TRUNCATED` };
}

/** The chain of proxies as they tell it, and who really connected at its end. */
function sourceIps({ headers, http }: ApiRequest): { sourceIPs?: string[] } {
  const forwarded = headers['x-forwarded-for'];
  const chain = typeof forwarded === 'string' ? forwarded.split(',').map((each) => each.trim()) : [];
  const real = headers['x-real-ip'];
  const remote = http.socket?.remoteAddress?.replace(/^::ffff:/, '');
  const all = [...chain, ...(typeof real === 'string' ? [real] : []), ...(remote ? [remote] : [])];
  return all.length > 0 ? { sourceIPs: [...new Set(all)] } : {};
}

/** RFC 3339 with microseconds. */
function microTime(date: Date): string {
  return date.toISOString().replace('Z', '000Z');
}
