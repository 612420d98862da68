import type { Tracer } from '@pilothouse/component';
import type { Filter } from '../request.ts';

/** A span per request, child of the caller's. */
export const traceRequests =
  (tracer: Tracer): Filter =>
  async (request, next) => {
    if (!tracer.enabled) return next();
    const { info, headers, method } = request;
    const name = info.isResource ? `${info.verb} ${info.resource}` : `${method} ${info.path}`;
    const parent = headers['traceparent'];
    await tracer.withSpan(
      name,
      {
        'http.request.method': method,
        'url.path': info.path,
        'k8s.verb': info.verb,
        'k8s.resource': info.resource,
        'k8s.namespace.name': info.namespace || undefined,
        'k8s.object.name': info.name || undefined,
        'k8s.audit_id': request.auditId,
      },
      async (span) => {
        await next();
        span.setAttributes({
          'http.response.status_code': request.response.statusCode,
          'enduser.id': request.user.name,
        });
      },
      { kind: 'server', ...(typeof parent === 'string' ? { parent } : {}) },
    );
  };
