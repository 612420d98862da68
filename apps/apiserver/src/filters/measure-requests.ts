import type { Clock, MetricsRegistry } from '@pilothouse/component';
import type { ApiRequest, Filter } from '../request.ts';

const LABELS = ['verb', 'group', 'version', 'resource', 'subresource', 'scope'] as const;
const DURATION_BUCKETS = [
  0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60,
];

const INDICATOR_BUCKETS = [0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60];

const SIZE_BUCKETS = [1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9];

/** Counts and times requests under upstream's names, which dashboards and alerts know. */
export function measureRequests(metrics: MetricsRegistry, clock: Clock): Filter {
  const total = metrics.counter({
    name: 'apiserver_request_total',
    help: 'Counter of apiserver requests broken out for each verb, dry run value, group, version, resource, scope, component, and HTTP response code.',
    labels: ['verb', 'dry_run', 'group', 'version', 'resource', 'subresource', 'scope', 'component', 'code'],
  });
  const duration = metrics.histogram({
    name: 'apiserver_request_duration_seconds',
    help: 'Response latency distribution in seconds for each verb, dry run value, group, version, resource, subresource, scope and component.',
    labels: ['verb', 'dry_run', 'group', 'version', 'resource', 'subresource', 'scope', 'component'],
    buckets: DURATION_BUCKETS,
  });
  const longRunning = metrics.gauge({
    name: 'apiserver_longrunning_requests',
    help: 'Gauge of all active long-running apiserver requests broken out by verb, group, version, resource, scope and component. Not all requests are tracked this way.',
    labels: [...LABELS, 'component'] as const,
  });
  const sizes = metrics.histogram({
    name: 'apiserver_response_sizes',
    help: 'Response size distribution in bytes for each group, version, verb, resource, subresource, scope and component.',
    labels: [...LABELS, 'component'] as const,
    buckets: SIZE_BUCKETS,
  });
  const indicator = metrics.histogram({
    name: 'apiserver_request_sli_duration_seconds',
    help: 'Response latency distribution (not counting webhook duration and priority & fairness queue wait times) in seconds for each verb, group, version, resource, subresource, scope and component.',
    labels: [...LABELS, 'component'] as const,
    buckets: INDICATOR_BUCKETS,
  });
  const terminations = metrics.counter({
    name: 'apiserver_request_terminations_total',
    help: 'Number of requests which apiserver terminated in self-defense.',
    labels: [...LABELS, 'component', 'code'] as const,
  });
  const aborts = metrics.counter({
    name: 'apiserver_request_aborts_total',
    help: 'Number of requests which apiserver aborted possibly due to a timeout, for each group, version, verb, resource, subresource and scope',
    labels: LABELS,
  });
  const deprecated = metrics.gauge({
    name: 'apiserver_requested_deprecated_apis',
    help: 'Gauge of deprecated APIs that have been requested, broken out by API group, version, resource, subresource, and removed_release.',
    labels: ['group', 'version', 'resource', 'subresource', 'removed_release'],
  });
  return async (request, next) => {
    const { info } = request;
    const verb = reportedVerb(request);
    const scope = scopeOf(request);
    const dryRun = request.query.get('dryRun') ?? '';
    const { apiGroup, apiVersion, resource, subresource } = info;
    const open = request.longRunning
      ? longRunning.with(verb, apiGroup, apiVersion, resource, subresource, scope, COMPONENT)
      : undefined;
    open?.add(1);
    try {
      await next();
    } finally {
      open?.add(-1);
      const code = String(request.response.statusCode);
      total.with(verb, dryRun, apiGroup, apiVersion, resource, subresource, scope, COMPONENT, code).inc();
      const seconds = (clock.monotonicMs() - request.startedMs) / 1000;
      duration.with(verb, dryRun, apiGroup, apiVersion, resource, subresource, scope, COMPONENT).observe(seconds);
      if (!request.longRunning) {
        const counted = seconds - request.waitedMs / 1000;
        indicator.with(verb, apiGroup, apiVersion, resource, subresource, scope, COMPONENT).observe(counted);
        if (request.abort.signal.aborted) aborts.with(verb, apiGroup, apiVersion, resource, subresource, scope).inc();
      }
      if (code === '429' || code === '504') {
        terminations.with(verb, apiGroup, apiVersion, resource, subresource, scope, COMPONENT, code).inc();
      }
      const removedRelease = deprecationIn(request.warnings);
      if (removedRelease !== undefined) {
        deprecated.with(apiGroup, apiVersion, resource, subresource, removedRelease).set(1);
      }
      if (verb === 'GET' || verb === 'LIST') {
        sizes.with(verb, apiGroup, apiVersion, resource, subresource, scope, COMPONENT).observe(request.responseBytes);
      }
    }
  };
}

/** The release that an API goes with, empty when that is not known, if a warning says that it is deprecated. */
function deprecationIn(warnings: ReadonlySet<string>): string | undefined {
  for (const warning of warnings) {
    if (!/^\S+ \S+ is deprecated/.test(warning)) continue;
    return /unavailable in v(\d+\.\d+)/.exec(warning)?.[1] ?? '';
  }
  return undefined;
}

/** Subresources that open a connection, whichever method asks for it. */
const CONNECTS = new Set(['attach', 'exec', 'portforward', 'proxy']);
const COMPONENT = 'apiserver';

/** Upstream's canonical verb: LIST and WATCH are told apart from GET, and apply from other patches. */
function reportedVerb({ info, method, headers }: ApiRequest): string {
  if (!info.isResource) return method;
  if (CONNECTS.has(info.subresource)) return 'CONNECT';
  switch (info.verb) {
    case 'create':
      return 'POST';
    case 'update':
      return 'PUT';
    case 'patch':
      return headers['content-type']?.startsWith('application/apply-patch') ? 'APPLY' : 'PATCH';
    default:
      return info.verb.toUpperCase();
  }
}

function scopeOf({ info }: ApiRequest): string {
  if (!info.isResource) return '';
  if (info.name !== '') return 'resource';
  return info.namespace !== '' ? 'namespace' : 'cluster';
}
