// `npm run bundle [-- app …]` in a fresh clone: installs what is missing, then runs tools/bundle/bundle.ts.
import { join } from 'node:path';
import { main } from './src/fail.mjs';
import { ensureGeneratedCode } from './src/generated-code.mjs';
import { findNode } from './src/node-binary.mjs';
import { ensureNpmDependencies } from './src/npm-dependencies.mjs';
import { ROOT } from './src/paths.mjs';
import { runInForeground } from './src/run-command.mjs';

await main(async () => {
  ensureNpmDependencies();
  ensureGeneratedCode();
  const script = join(ROOT, 'tools', 'bundle', 'bundle.ts');
  process.exitCode = await runInForeground(findNode(), [script, ...process.argv.slice(2)]);
});
