import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

const ROOT = join(import.meta.dirname, '..', '..');
const UNITS = join(ROOT, 'deploy', 'systemd');
const hasSystemd = spawnSync('systemd-analyze', ['--version']).status === 0;

/** What stands after the program, on one line or continued on the next. */
function flagsOf(unit: string): string[] {
  const text = readFileSync(join(UNITS, `pilothouse-${unit}.service`), 'utf8').replaceAll('\\\n', ' ');
  const [, command] = /^ExecStart=(.*)$/m.exec(text)!;
  const words = command!.trim().split(/\s+/);
  return words.slice(words.findIndex((word) => word.endsWith('/bin/main.js')) + 1);
}

const { services } = parse(readFileSync(join(ROOT, 'docker-compose.yml'), 'utf8'), { merge: true });

describe('deploy/systemd', () => {
  it.each([
    ['apiserver', 'apiserver-1', /^--etcd-servers=/],
    ['scheduler', 'scheduler-1', /^$/],
    ['controller-manager', 'controller-manager-1', /^$/],
    ['kubelet', 'kubelet', /^--(nodes|node-name-prefix|max-pods)=/],
  ])('starts the %s with the flags that the containers are tested with', (unit, service, ownMatter) => {
    const flags = flagsOf(unit).map((flag) => flag.replace('=/var/lib/pilothouse/', '=/pki/'));
    const others = (list: string[]): string[] => list.filter((flag) => !ownMatter.test(flag)).sort();
    expect(others(flags)).toEqual(others(services[service].command));
  });

  it.each(['apiserver', 'scheduler', 'controller-manager', 'kubelet'])(
    '%s is known to its app, flag by flag',
    (unit) => {
      const main = join(ROOT, 'apps', unit, 'src', 'main.ts');
      const help = execFileSync(process.execPath, [main, '--help'], { encoding: 'utf8' });
      for (const flag of flagsOf(unit)) expect(help).toContain(`${flag.split('=')[0]}`);
    },
  );

  it.skipIf(!hasSystemd)('is what systemd takes', () => {
    const units = ['apiserver', 'scheduler', 'controller-manager', 'kubelet'].map(
      (unit) => `pilothouse-${unit}.service`,
    );
    const { status, stderr } = spawnSync('systemd-analyze', ['verify', ...units], { cwd: UNITS, encoding: 'utf8' });
    // Whether Node is where the unit says is a matter of the machine.
    expect(stderr.split('\n').filter((line) => line !== '' && !line.includes('is not executable'))).toEqual([]);
    if (!stderr.includes('is not executable')) expect(status).toBe(0);
  });
});
