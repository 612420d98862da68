import type { MetricsRegistry } from '@pilothouse/component';
import type { StorageMetrics } from '@pilothouse/storage';

/** What happens in the storage, under upstream's names where upstream counts the same. */
export function storageMetrics(metrics: MetricsRegistry): StorageMetrics {
  const requests = metrics.counter({
    name: 'etcd_requests_total',
    help: 'Etcd request counts for each operation and object type.',
    labels: ['operation', 'type'],
  });
  const errors = metrics.counter({
    name: 'etcd_request_errors_total',
    help: 'Etcd failed request counts for each operation and object type.',
    labels: ['operation', 'type'],
  });
  const duration = metrics.histogram({
    name: 'etcd_request_duration_seconds',
    help: 'Etcd request latency in seconds for each operation and object type.',
    labels: ['operation', 'type'],
  });
  const revisionReads = metrics.histogram({
    name: 'pilothouse_storage_current_revision_read_seconds',
    help: 'Latency of reads of the current etcd revision, which all consistent reads of the moment share.',
  });
  const events = metrics.counter({
    name: 'apiserver_watch_cache_events_received_total',
    help: 'Counter of events received in watch cache broken by resource type.',
    labels: ['resource'],
  });
  const objects = metrics.gauge({
    name: 'apiserver_resource_objects',
    help: 'Number of stored objects at the time of last check split by kind.',
    labels: ['resource'],
  });
  const watchers = metrics.gauge({
    name: 'apiserver_registered_watchers',
    help: 'Number of currently registered watchers for a given resources',
    labels: ['resource'],
  });
  const dropped = metrics.counter({
    name: 'apiserver_terminated_watchers_total',
    help: 'Counter of watchers closed due to unresponsiveness broken by resource type.',
    labels: ['resource'],
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
      requests.with(operation, resource).inc();
      if (outcome === 'error') errors.with(operation, resource).inc();
      duration.with(operation, resource).observe(seconds);
    },
    currentRevisionRead: (seconds) => revisionReads.with().observe(seconds),
    cacheEvent: (resource) => events.with(resource).inc(),
    cacheObjects: (resource, count) => objects.with(resource).set(count),
    watchers: (resource, count) => watchers.with(resource).set(count),
    watcherDropped: (resource) => dropped.with(resource).inc(),
    logRevision: (value) => revision.with().set(value),
    alarms: (raised) => {
      for (const each of ['NOSPACE', 'CORRUPT'] as const) alarms.with(each).set(raised.includes(each) ? 1 : 0);
    },
    logRelisted: () => relists.with().inc(),
  };
}
