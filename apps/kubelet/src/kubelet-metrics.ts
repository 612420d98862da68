import type { MetricsRegistry } from '@pilothouse/component';
import type { Kubelet } from './kubelet.ts';

/** Gauges over all nodes of the process, by upstream's names where upstream has them. */
export function registerKubeletMetrics(metrics: MetricsRegistry, { fleet, podManager, runtime }: Kubelet): void {
  metrics.gauge({
    name: 'kubelet_running_pods',
    help: 'Number of pods that have a running pod sandbox',
    collect: (gauge) =>
      gauge.with().set(podManager.list().filter(({ uid }) => runtime.state(uid)?.sandbox?.state === 'ready').length),
  });
  metrics.gauge({
    name: 'kubelet_running_containers',
    help: 'Number of containers currently running',
    labels: ['container_state'],
    collect: (gauge) => {
      const counts = { created: 0, running: 0, exited: 0 };
      for (const { uid } of podManager.list()) {
        for (const { state } of runtime.state(uid)?.containers.values() ?? [])
          counts[state === 'stopping' ? 'running' : state]++;
      }
      for (const [state, count] of Object.entries(counts)) gauge.with(state).set(count);
    },
  });
  metrics.gauge({
    name: 'pilothouse_kubelet_nodes',
    help: 'Number of nodes that this process plays and has registered',
    collect: (gauge) => gauge.with().set(fleet.registeredCount),
  });
  metrics.gauge({
    name: 'pilothouse_kubelet_pending_writes',
    help: 'Pods whose status or deletion is to be written',
    collect: (gauge) => gauge.with().set(podManager.pendingWrites),
  });
}
