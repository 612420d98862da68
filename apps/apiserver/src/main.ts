import { runComponent } from '@pilothouse/component';
import { APISERVER_FLAGS } from './flags.ts';
import { runApiserver } from './run.ts';

await runComponent({
  name: 'kube-apiserver',
  description: 'Validates and stores the objects of the API, and serves them to every other component.',
  flags: APISERVER_FLAGS,
  main: runApiserver,
});
