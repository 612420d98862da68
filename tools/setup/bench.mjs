// `npm run bench [-- name …]`: runs tests/bench/<name>.bench.ts one after the other; all of them unless named.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { findEtcd } from './src/etcd-binary.mjs';
import { main, SetupError } from './src/fail.mjs';
import { ensureGeneratedCode } from './src/generated-code.mjs';
import { findNode } from './src/node-binary.mjs';
import { ensureNpmDependencies } from './src/npm-dependencies.mjs';
import { ROOT } from './src/paths.mjs';
import { runInForeground } from './src/run-command.mjs';

const SUFFIX = '.bench.ts';

await main(async () => {
  ensureNpmDependencies();
  ensureGeneratedCode();
  const environment = { ...process.env, PILOTHOUSE_ETCD: findEtcd() };
  const directory = join(ROOT, 'tests', 'bench');
  const all = readdirSync(directory)
    .filter((file) => file.endsWith(SUFFIX))
    .sort();
  const names = all.map((file) => file.slice(0, -SUFFIX.length));
  const wanted = process.argv.slice(2);
  const unknown = wanted.find((name) => !names.includes(name));
  if (unknown) throw new SetupError(`there is no benchmark ${unknown}; there are ${names.join(', ')}`);
  for (const name of wanted.length > 0 ? wanted : names) {
    process.stdout.write(`\n━━ ${name} ${'━'.repeat(Math.max(0, 76 - name.length))}\n`);
    const code = await runInForeground(findNode(), [join(directory, name + SUFFIX)], environment);
    if (code !== 0) throw new SetupError(`benchmark ${name} failed`);
  }
});
