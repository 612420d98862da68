#!/usr/bin/env node
// `npx pilothouse …` in a checkout. Runs on any Node and hands over to the one that the project brings.
import { join } from 'node:path';
import { ensureGeneratedCode } from '../../../tools/setup/src/generated-code.mjs';
import { main } from '../../../tools/setup/src/fail.mjs';
import { findNode, isSupported } from '../../../tools/setup/src/node-binary.mjs';
import { ensureNpmDependencies } from '../../../tools/setup/src/npm-dependencies.mjs';
import { runInForeground } from '../../../tools/setup/src/run-command.mjs';

await main(async () => {
  ensureNpmDependencies();
  ensureGeneratedCode();
  const entry = join(import.meta.dirname, '..', 'src', 'main.ts');
  const args = process.argv.slice(2);
  if (isSupported(process.version)) {
    process.argv = [process.execPath, entry, ...args];
    await import(entry);
  } else {
    process.exitCode = await runInForeground(findNode(), [entry, ...args]);
  }
});
