import { runComponent } from '@pilothouse/component';
import { controllers } from './controllers/index.ts';
import { FLAGS } from './flags.ts';
import { runControllerManager } from './run-controller-manager.ts';

await runComponent({
  name: 'kube-controller-manager',
  description: 'Runs the controllers that move the cluster from what is observed to what is wanted.',
  flags: FLAGS,
  healthServer: { port: 10257 },
  main: (context) => runControllerManager(controllers, context),
});
