import type { MetricsRegistry } from '@pilothouse/component';
import type { StorageMetrics } from '@pilothouse/storage';

const ETCD_BUCKETS = [
  0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60,
];

/** What happens in the storage, under upstream's names where upstream counts the same. */
export function storageMetrics(metrics: MetricsRegistry): StorageMetrics {
  const requests = metrics.counter({
    name: 'etcd_requests_total',
    help: 'Etcd request counts for each operation and object type.',
    labels: ['operation', 'group', 'resource'],
  });
  const errors = metrics.counter({
    name: 'etcd_request_errors_total',
    help: 'Etcd failed request counts for each operation and object type.',
    labels: ['operation', 'group', 'resource'],
  });
  const duration = metrics.histogram({
    name: 'etcd_request_duration_seconds',
    help: 'Etcd request latency in seconds for each operation and object type.',
    labels: ['operation', 'group', 'resource'],
    buckets: ETCD_BUCKETS,
  });
  const revisionReads = metrics.histogram({
    name: 'pilothouse_storage_current_revision_read_seconds',
    help: 'Latency of reads of the current etcd revision, which all consistent reads of the moment share.',
  });
  const events = metrics.counter({
    name: 'apiserver_watch_cache_events_received_total',
    help: 'Counter of events received in watch cache broken by resource type.',
    labels: ['group', 'resource'],
  });
  const objects = metrics.gauge({
    name: 'apiserver_resource_objects',
    help: 'Number of stored objects at the time of last check split by kind.',
    labels: ['group', 'resource'],
  });
  const deprecatedObjects = metrics.gauge({
    name: 'apiserver_storage_objects',
    help: '[DEPRECATED, consider using apiserver_resource_objects instead] Number of stored objects at the time of last check split by kind. In case of a fetching error, the value will be -1.',
    labels: ['resource'],
  });
  const watchers = metrics.gauge({
    name: 'apiserver_registered_watchers',
    help: 'Number of currently registered watchers for a given resources',
    labels: ['group', 'resource'],
  });
  const dropped = metrics.counter({
    name: 'apiserver_terminated_watchers_total',
    help: 'Counter of watchers closed due to unresponsiveness broken by resource type.',
    labels: ['group', 'resource'],
  });
  const revision = metrics.gauge({
    name: 'pilothouse_storage_log_revision',
    help: 'The etcd revision that the log has reached.',
  });
  const alarms = metrics.gauge({
    name: 'pilothouse_etcd_alarm',
    help: 'Whether etcd had raised this alarm when health was last checked.',
    labels: ['alarm'],
  });
  const relists = metrics.counter({
    name: 'pilothouse_storage_log_relists_total',
    help: 'How often the log lost its place and listed everything again.',
  });
  return {
    request(operation, resource, seconds, outcome) {
      const labels = [operation, ...splitGroupResource(resource)] as const;
      requests.with(...labels).inc();
      if (outcome === 'error') errors.with(...labels).inc();
      duration.with(...labels).observe(seconds);
    },
    currentRevisionRead: (seconds) => revisionReads.with().observe(seconds),
    cacheEvent: (resource) => events.with(...splitGroupResource(resource)).inc(),
    cacheObjects(resource, count) {
      objects.with(...splitGroupResource(resource)).set(count);
      deprecatedObjects.with(resource).set(count);
    },
    watchers: (resource, count) => watchers.with(...splitGroupResource(resource)).set(count),
    watcherDropped: (resource) => dropped.with(...splitGroupResource(resource)).inc(),
    logRevision: (value) => revision.with().set(value),
    alarms: (raised) => {
      for (const each of ['NOSPACE', 'CORRUPT'] as const) alarms.with(each).set(raised.includes(each) ? 1 : 0);
    },
    logRelisted: () => relists.with().inc(),
  };
}

/** `deployments.apps` → group and resource; asked at every event, so each is taken apart once. */
function splitGroupResource(text: string): readonly [group: string, resource: string] {
  let known = split.get(text);
  if (known === undefined) {
    const dot = text.indexOf('.');
    known = dot < 0 ? ['', text] : [text.slice(dot + 1), text.slice(0, dot)];
    split.set(text, known);
  }
  return known;
}

const split = new Map<string, readonly [string, string]>();
