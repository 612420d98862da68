import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { SetupError } from './fail.mjs';
import { isExecutable, onPath, ROOT } from './paths.mjs';

/** TypeScript runs without a build from 22.18 on; 24.11 is the first long-term one that has all we use. */
const MINIMUM = [24, 11];

export function isSupported(version) {
  const [major, minor] = version.replace(/^v/, '').split('.').map(Number);
  return major > MINIMUM[0] || (major === MINIMUM[0] && minor >= MINIMUM[1]);
}

/** A Node that runs the sources: this one, one on the PATH, or the one that npm installed as a dependency. */
export function findNode() {
  if (isSupported(process.version)) return process.execPath;
  const candidates = [...onPath('node'), join(ROOT, 'node_modules', 'node', 'bin', 'node')];
  for (const candidate of candidates) {
    if (!isExecutable(candidate)) continue;
    const { stdout, status } = spawnSync(candidate, ['--version'], { encoding: 'utf8' });
    if (status === 0 && isSupported(stdout.trim())) return candidate;
  }
  throw new SetupError(
    `Node ${MINIMUM.join('.')} or newer is needed and npm could not install one; this is ${process.version}: ` +
      'install it from https://nodejs.org/',
  );
}
