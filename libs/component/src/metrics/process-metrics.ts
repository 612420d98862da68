import { readdirSync } from 'node:fs';
import { GIT_VERSION, KUBERNETES_VERSION } from '../run/version.ts';
import type { MetricsRegistry } from './registry.ts';

const BUILD_LABELS = [
  ...['build_date', 'compiler', 'git_commit', 'git_tree_state', 'git_version'],
  ...['go_version', 'major', 'minor', 'platform'],
] as const;

/** What every process reports about itself; names as client_golang's and prom-client's process collectors have them. */
export function registerProcessMetrics(metrics: MetricsRegistry): void {
  const startSeconds = Date.now() / 1000 - process.uptime();
  const gauge = (name: string, help: string, read: () => number): void => {
    metrics.gauge({ name, help, collect: (each) => each.with().set(read()) });
  };
  const { major, minor } = KUBERNETES_VERSION;
  const platform = `${process.platform}/${process.arch === 'x64' ? 'amd64' : process.arch}`;
  metrics
    .gauge({
      name: 'kubernetes_build_info',
      help: "A metric with a constant '1' value labeled by major, minor, git version, git commit, git tree state, build date, Go version, and compiler from which Kubernetes was built, and platform on which it is running.",
      labels: BUILD_LABELS,
    })
    .with('', 'node', '', '', GIT_VERSION, process.version, major, minor, platform)
    .set(1);
  gauge('process_start_time_seconds', 'Start time of the process since unix epoch in seconds.', () => startSeconds);
  gauge('process_cpu_seconds_total', 'Total user and system CPU time spent in seconds.', () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  });
  gauge('process_resident_memory_bytes', 'Resident memory size in bytes.', () => process.memoryUsage.rss());
  gauge('process_open_fds', 'Number of open file descriptors.', openFileDescriptors);
  gauge('nodejs_heap_size_used_bytes', 'Heap in use, in bytes.', () => process.memoryUsage().heapUsed);
  gauge(
    'nodejs_eventloop_utilization',
    'Share of time since the process started that the event loop was busy.',
    () => performance.eventLoopUtilization().utilization,
  );
}

/** Zero where /proc does not exist. */
function openFileDescriptors(): number {
  try {
    return readdirSync('/proc/self/fd').length;
  } catch {
    return 0;
  }
}
