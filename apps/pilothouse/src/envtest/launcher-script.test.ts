import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { launcherScript } from './launcher-script.ts';

it('becomes the program, with its arguments and environment, wherever it stands', () => {
  const directory = mkdtempSync(join(tmpdir(), "pilothouse it's a launcher "));
  try {
    const [main, script] = [join(directory, 'main.mjs'), join(directory, 'kube-apiserver')];
    writeFileSync(main, 'console.log(JSON.stringify([process.pid, process.env.SAID, ...process.argv.slice(2)]))');
    writeFileSync(script, launcherScript(process.execPath, main, { SAID: `it's "here"` }), { mode: 0o755 });
    const shell = `echo $$; exec "$0" --a='b c' "d"`;
    const [pid, line] = execFileSync('sh', ['-c', shell, script], { encoding: 'utf8' }).split('\n');
    expect(JSON.parse(line!)).toEqual([Number(pid), `it's "here"`, '--a=b c', 'd']);
  } finally {
    rmSync(directory, { recursive: true });
  }
});
