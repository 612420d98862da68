// `npm run test:compose [-- scenario …]` in a fresh clone: installs what is missing, then runs tests/compose/test-compose.ts.
import { dirname, delimiter, join } from 'node:path';
import { main } from './src/fail.mjs';
import { findKubectl } from './src/kubectl-binary.mjs';
import { findNode } from './src/node-binary.mjs';
import { ensureNpmDependencies } from './src/npm-dependencies.mjs';
import { ROOT } from './src/paths.mjs';
import { runInForeground } from './src/run-command.mjs';

await main(async () => {
  ensureNpmDependencies();
  const path = [dirname(findKubectl()), process.env.PATH].join(delimiter);
  const script = join(ROOT, 'tests', 'compose', 'test-compose.ts');
  const args = [script, ...process.argv.slice(2)];
  process.exitCode = await runInForeground(findNode(), args, { ...process.env, PATH: path });
});
