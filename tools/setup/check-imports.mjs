// Fails when a project imports what it may not: `npm run lint` calls it.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { manifestOf, violationsOf } from './src/check-imports.mjs';
import { ROOT } from './src/paths.mjs';

const manifests = new Map();

function declaredIn(manifest) {
  if (!manifests.has(manifest)) {
    const { dependencies = {}, devDependencies = {} } = JSON.parse(readFileSync(manifest, 'utf8'));
    manifests.set(manifest, new Set([...Object.keys(dependencies), ...Object.keys(devDependencies)]));
  }
  return manifests.get(manifest);
}

let files = 0;
let violations = 0;
for (const top of ['libs', 'apps']) {
  for (const entry of readdirSync(join(ROOT, top), { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !entry.name.endsWith('.ts') || entry.parentPath.includes('node_modules')) continue;
    const path = join(entry.parentPath, entry.name).slice(ROOT.length + 1);
    files++;
    for (const violation of violationsOf(
      path,
      readFileSync(join(ROOT, path), 'utf8'),
      declaredIn(manifestOf(ROOT, path)),
    )) {
      process.stderr.write(`${path}: ${violation}\n`);
      violations++;
    }
  }
}
process.stdout.write(`Import directions: ${files} files, ${violations} violation${violations === 1 ? '' : 's'}\n`);
process.exitCode = violations > 0 ? 1 : 0;
