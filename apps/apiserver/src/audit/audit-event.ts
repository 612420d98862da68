import type { Status } from '@pilothouse/apimachinery';
import type { UserInfo } from '../authentication/user-info.ts';
import type { ApiRequest } from '../request.ts';
import type { AuditLevel, AuditStage } from './policy.ts';

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

/** What can be said of a request at one of its stages, as far as the level lets it. */
export function auditEvent(request: ApiRequest, level: AuditLevel, stage: AuditStage, now: Date): AuditEvent {
  const { info, audit, http, headers, originalUser, user } = request;
  const withRequest = level === 'Request' || level === 'RequestResponse';
  const done = stage === 'ResponseComplete';
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
    ...(headers['user-agent'] ? { userAgent: headers['user-agent'] } : {}),
    ...(info.isResource ? { objectRef: objectReference(request) } : {}),
    ...(stage === 'RequestReceived' ? {} : { responseStatus: { metadata: {}, code: request.response.statusCode } }),
    ...(withRequest && done && audit.requestBody ? { requestObject: asJson(audit.requestBody) } : {}),
    ...(level === 'RequestResponse' && done && audit.responseBody
      ? { responseObject: asJson(audit.responseBody) }
      : {}),
    requestReceivedTimestamp: microTime(request.receivedAt),
    stageTimestamp: microTime(now),
    ...(audit.annotations.size > 0 ? { annotations: Object.fromEntries(audit.annotations) } : {}),
  };
}

function userOf({ name, uid, groups, extra }: UserInfo): object {
  return {
    username: name,
    ...(uid ? { uid } : {}),
    groups,
    ...(extra && Object.keys(extra).length > 0 ? { extra } : {}),
  };
}

function objectReference({ info }: ApiRequest): object {
  const { resource, namespace, name, apiGroup, apiVersion, subresource } = info;
  return Object.fromEntries(
    Object.entries({ resource, namespace, name, apiGroup, apiVersion, subresource }).filter(
      ([, value]) => value !== '',
    ),
  );
}

/** The chain of proxies as they tell it, and who really connected at its end. */
function sourceIps({ headers, http }: ApiRequest): { sourceIPs?: string[] } {
  const forwarded = headers['x-forwarded-for'];
  const chain = typeof forwarded === 'string' ? forwarded.split(',').map((each) => each.trim()) : [];
  const remote = http.socket?.remoteAddress?.replace(/^::ffff:/, '');
  const all = [...new Set([...chain, ...(remote ? [remote] : [])])];
  return all.length > 0 ? { sourceIPs: all } : {};
}

function asJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    // Protobuf, YAML or no object at all: the policy asked for objects, and this is none that can be shown.
    return undefined;
  }
}

/** RFC 3339 with microseconds. */
function microTime(date: Date): string {
  return date.toISOString().replace('Z', '000Z');
}
