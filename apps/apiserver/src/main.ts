import v8 from 'node:v8';
import { runComponent } from '@pilothouse/component';
import { APISERVER_FLAGS } from './flags.ts';
import { runApiserver } from './run.ts';

// Patterns come from clients (CRDs, CEL): one that would backtrack for ever goes on in linear time instead.
v8.setFlagsFromString('--enable-experimental-regexp-engine-on-excessive-backtracks');

await runComponent({
  name: 'kube-apiserver',
  description: 'Validates and stores the objects of the API, and serves them to every other component.',
  flags: APISERVER_FLAGS,
  main: runApiserver,
});
