import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { CACHE, isExecutable, onPath } from './paths.mjs';

/**
 * Takes one binary out of a Debian package without installing the package: nothing is started (etcd-server's own
 * installation would run an etcd on 2379), nothing on the system changes. Undefined where that is not possible.
 */
export function binaryFromDebian(packageName, binary) {
  const home = join(CACHE, packageName);
  const file = join(home, 'usr', 'bin', binary);
  if (isExecutable(file)) return file;
  if (onPath('apt-get').length === 0 || onPath('dpkg').length === 0) return undefined;

  process.stdout.write(`Fetching ${binary} from Debian's package ${packageName} …\n`);
  mkdirSync(CACHE, { recursive: true });
  const work = mkdtempSync(join(CACHE, `${packageName}-`));
  try {
    // The lists may be missing (fresh images ship without) or outdated; refreshing them needs root.
    if (!run('apt-get', ['download', packageName], work)) {
      run('apt-get', ['update', '-qq'], work);
      if (!run('apt-get', ['download', packageName], work)) return undefined;
    }
    const archive = readdirSync(work).find((name) => name.endsWith('.deb'));
    if (!archive || !run('dpkg', ['-x', archive, 'root'], work)) return undefined;
    rmSync(home, { recursive: true, force: true });
    renameSync(join(work, 'root'), home);
    return isExecutable(file) ? file : undefined;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function run(command, args, cwd) {
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  return spawnSync(command, args, { cwd, env: environment, stdio: 'ignore' }).status === 0;
}
