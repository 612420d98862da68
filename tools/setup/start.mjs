// `npm start`: makes sure that everything is there, then becomes `pilothouse up`. Runs on Node 20 with nothing installed.
import module from 'node:module';
import { join } from 'node:path';
import { findEtcd } from './src/etcd-binary.mjs';
import { main } from './src/fail.mjs';
import { ensureGeneratedCode } from './src/generated-code.mjs';
import { findNode, isSupported } from './src/node-binary.mjs';
import { ensureNpmDependencies } from './src/npm-dependencies.mjs';
import { CACHE, ROOT } from './src/paths.mjs';
import { runInForeground } from './src/run-command.mjs';

await main(async () => {
  const args = process.argv.slice(2);
  ensureNpmDependencies();
  ensureGeneratedCode();
  process.env.PILOTHOUSE_ETCD = findEtcd();
  process.env.PILOTHOUSE_STARTED_AT ??= String(performance.timeOrigin);
  const entry = join(ROOT, 'apps', 'pilothouse', 'src', 'main.ts');
  if (isSupported(process.version)) {
    // Before the first TypeScript is loaded: once its types are stripped, the stripper (20 MB) is not loaded again.
    module.enableCompileCache(join(CACHE, 'compile'));
    // The same process goes on: a supervisor behind a launcher would be one process and 40 MB more.
    process.argv = [process.execPath, entry, 'up', ...args];
    await import(entry);
    return;
  }
  process.exitCode = await runInForeground(findNode(), [entry, 'up', ...args]);
});
