import { runComponent } from '@pilothouse/component';
import { FLAGS } from './flags.ts';
import { runKubelet } from './run-kubelet.ts';

await runComponent({
  name: 'kubelet',
  description: 'Plays the nodes of a cluster: registers them, keeps them alive and simulates the pods bound to them.',
  flags: FLAGS,
  healthServer: {
    port: 10248,
    host: '127.0.0.1',
    portFlag: 'healthz-port',
    hostFlag: 'healthz-bind-address',
    insecure: true,
  },
  main: runKubelet,
});
