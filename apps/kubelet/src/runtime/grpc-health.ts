import type { HttpHandler, HttpRequest, HttpResponse } from './simulated-http.ts';

/** https://github.com/grpc/grpc/blob/master/doc/health-checking.md */
const METHOD = '/grpc.health.v1.Health/Check';
const CONTENT_TYPE = 'application/grpc';

export type HealthStatus = 'SERVING' | 'NOT_SERVING';

/** `unknown service`: it knows the protocol, but not the service. Undefined: what answers speaks something else. */
export type HealthAnswer = HealthStatus | 'unknown service' | undefined;

/**
 * The health protocol between simulated programs. What goes over their wire is not gRPC's framing but its meaning: the
 * method as the path, and the names of the service and of its status as the bodies.
 */
export function askHealth(handler: HttpHandler, service: string): HealthAnswer {
  const { status, headers, body } = handler({
    method: 'POST',
    target: METHOD,
    headers: { 'content-type': CONTENT_TYPE },
    body: service,
  });
  if (headers?.['content-type'] !== CONTENT_TYPE) return undefined;
  return status === 200 ? (body as HealthStatus) : 'unknown service';
}

/** A server whose own health, that of the service without a name, is all it knows. */
export function serveHealth(statusOf: () => HealthStatus): HttpHandler {
  const answer = (status: number, body: string): HttpResponse => ({
    status,
    headers: { 'content-type': CONTENT_TYPE },
    body,
  });
  return ({ target, body }: HttpRequest) =>
    target === METHOD && body === '' ? answer(200, statusOf()) : answer(404, '');
}
