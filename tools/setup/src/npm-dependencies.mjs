import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SetupError } from './fail.mjs';
import { ROOT } from './paths.mjs';

/** Installs what the lock file names when something of it is missing or of another version. */
export function ensureNpmDependencies(root = ROOT) {
  if (dependenciesAreCurrent(root)) return;
  process.stdout.write('Installing npm dependencies (npm ci) …\n');
  const args = ['ci', '--no-audit', '--no-fund', '--loglevel=error'];
  const npm = process.env.npm_execpath;
  const result = npm?.endsWith('.js')
    ? spawnSync(process.execPath, [npm, ...args], { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] })
    : spawnSync('npm', args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
  if (result.error) throw new SetupError(`npm cannot be run: ${result.error.message}`);
  if (result.status !== 0) throw new SetupError('npm ci failed; see its messages above');
}

/** npm writes what it installed into a lock file of its own, hidden in node_modules. */
export function dependenciesAreCurrent(root) {
  const wanted = readPackages(join(root, 'package-lock.json'));
  const installed = readPackages(join(root, 'node_modules', '.package-lock.json'));
  if (!wanted) throw new SetupError(`package-lock.json is missing in ${root}`);
  if (!installed) return false;
  return Object.entries(wanted).every(([path, { version, link, optional, devOptional }]) => {
    // Packages for other platforms are in the lock file and rightly not installed.
    if (!path.startsWith('node_modules/') || link || optional || devOptional) return true;
    return installed[path]?.version === version;
  });
}

function readPackages(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages;
  } catch {
    return undefined;
  }
}
