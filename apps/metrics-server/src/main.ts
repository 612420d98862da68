import { runComponent } from '@pilothouse/component';
import { FLAGS } from './flags.ts';
import { runMetricsServer } from './run-metrics-server.ts';

await runComponent({
  name: 'metrics-server',
  description: 'Serves metrics.k8s.io, for kubectl top and autoscalers, from what kubelets say about their pods.',
  flags: FLAGS,
  main: runMetricsServer,
});
