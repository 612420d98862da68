import { runComponent } from '@pilothouse/component';
import { FLAGS } from './flags.ts';
import { runScheduler } from './run-scheduler.ts';

await runComponent({
  name: 'kube-scheduler',
  description: 'Assigns pods to nodes.',
  flags: FLAGS,
  healthServer: { port: 10259 },
  main: runScheduler,
});
