// `npm test`: installs what is missing, then checks everything in order, the quick things first. Any argument is the
// name of a step: `npm test -- unit` runs only that one.
import { dirname, join } from 'node:path';
import { delimiter } from 'node:path';
import { findEtcd } from './src/etcd-binary.mjs';
import { main, SetupError } from './src/fail.mjs';
import { findKubectl } from './src/kubectl-binary.mjs';
import { ensureGeneratedCode } from './src/generated-code.mjs';
import { findNode } from './src/node-binary.mjs';
import { ensureNpmDependencies } from './src/npm-dependencies.mjs';
import { ROOT } from './src/paths.mjs';
import { runInForeground } from './src/run-command.mjs';
import { TEST_STEPS } from './src/test-steps.mjs';

await main(async () => {
  const wanted = process.argv.slice(2);
  const unknown = wanted.find((name) => !TEST_STEPS.some((step) => step.name === name));
  const names = TEST_STEPS.map((step) => step.name).join(', ');
  if (unknown) throw new SetupError(`there is no step ${unknown}; the steps are ${names}`);

  ensureNpmDependencies();
  ensureGeneratedCode();
  const etcd = findEtcd();
  const directories = [dirname(findNode()), join(ROOT, 'node_modules', '.bin'), dirname(etcd), dirname(findKubectl())];
  const path = [...directories, process.env.PATH].join(delimiter);
  const environment = { ...process.env, PATH: path, PILOTHOUSE_ETCD: etcd, NX_DAEMON: 'false' };
  process.chdir(ROOT);

  const started = Date.now();
  for (const { name, title, command } of TEST_STEPS) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    process.stdout.write(`\n━━ ${title} ${'━'.repeat(Math.max(0, 76 - title.length))}\n`);
    const since = Date.now();
    const code = await runInForeground(command[0], command.slice(1), environment);
    if (code !== 0) throw new SetupError(`${title} failed after ${seconds(since)} s (npm test -- ${name})`);
    process.stdout.write(`   ${title} passed in ${seconds(since)} s\n`);
  }
  process.stdout.write(`\nAll passed in ${seconds(started)} s\n`);
});

function seconds(sinceMs) {
  return ((Date.now() - sinceMs) / 1000).toFixed(1);
}
