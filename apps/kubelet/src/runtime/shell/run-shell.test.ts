import { describe, expect, test } from 'vitest';
import { runProgram } from './run-shell.ts';
import { FileSystem } from '../file-system.ts';
import { FileTree } from '../file-tree.ts';
import { serve } from './process.ts';
import type { ProcessContext } from './process.ts';

function play(args: string[], options: Partial<ProcessContext> & { stdin?: string[] } = {}) {
  const input = [...(options.stdin ?? [])];
  const context: ProcessContext = {
    env: { NAME: 'world', PATH: '/bin' },
    files: new FileSystem({ own: { '/etc/hostname': 'web-0\n', '/etc/config/a.yaml': 'x: 1\ny: 2\n' } }),
    user: { uid: 0, gid: 0, groups: [] },
    hostname: 'web-0',
    podIP: '10.244.0.7',
    cwd: '/',
    now: () => new Date('2030-01-02T03:04:05Z'),
    unknownProgram: serve,
    positional: [],
    ...options,
  };
  const process = runProgram(args, context);
  let [out, err, sleptMs] = ['', '', 0];
  let step = process.next();
  for (let n = 0; !step.done && n < 1000; n++) {
    const { value } = step;
    if (value.type === 'serve') return { out, err, sleptMs, serves: true };
    if (value.type === 'write' && value.stream === 'stdout') out += value.text;
    if (value.type === 'write' && value.stream === 'stderr') err += value.text;
    if (value.type === 'sleep') sleptMs += value.ms;
    step = process.next(value.type === 'read' ? input.shift() : undefined);
  }
  return { out, err, sleptMs, code: step.done ? step.value : undefined, files: context.files };
}

const sh = (script: string, options = {}) => play(['/bin/sh', '-c', script], options);

describe('simulated programs', () => {
  test.each([
    ['exit 3', { code: 3, out: '' }],
    ['true && echo yes || echo no', { code: 0, out: 'yes\n' }],
    ['false && echo yes || echo no', { code: 0, out: 'no\n' }],
    ['echo "hello $NAME" \'$NAME\' ${MISSING:-fallback}', { out: 'hello world $NAME fallback\n' }],
    ['sleep 2; sleep 0.5s; exit 1', { code: 1, sleptMs: 2500 }],
    ['for i in 1 2 3; do echo $i; done', { out: '1\n2\n3\n' }],
    ['i=0; while [ $i -lt 3 ]; do echo $i; i=$((i+1)); done', { out: '0\n1\n2\n', code: 0 }],
    ['if test -f /etc/hostname; then cat /etc/hostname; else exit 9; fi', { out: 'web-0\n' }],
    ['cat /nowhere', { code: 1, err: "cat: can't open '/nowhere': No such file or directory\n" }],
    ['echo oops >&2; exit 2', { err: 'oops\n', out: '', code: 2 }],
    ['echo a > /tmp/f; echo b >> /tmp/f; cat /tmp/f', { out: 'a\nb\n' }],
    ['cat /etc/config/a.yaml | grep y', { out: 'y: 2\n', code: 0 }],
    ['echo $(hostname)-$(date +%s)', { out: 'web-0-1893553445\n' }],
    ['set -e; (echo in); { echo out; }', { out: 'in\nout\n' }],
    ['exec sleep 5; echo never', { sleptMs: 5000, out: '' }],
    ['ls /etc/config', { out: 'a.yaml\n' }],
    ['echo $?; false; echo $?', { out: '0\n1\n' }],
    ['! false', { code: 0 }],
    ['echo one # two', { out: 'one\n' }],
    ['GREETING=hi env | grep GREETING', { out: 'GREETING=hi\n' }],
    ['cd /tmp && pwd', { out: '/tmp\n' }],
    ['cat <<EOF > /tmp/f\nhello $NAME "quoted"\nEOF\ncat /tmp/f', { out: 'hello world "quoted"\n' }],
    ["cat <<'END'\n$NAME\nEND\necho after", { out: '$NAME\nafter\n' }],
    ['cat <<-END\n\tindented\n\tEND', { out: 'indented\n' }],
    ['while read line; do echo "<$line>"; done < /etc/config/a.yaml', { out: '<x: 1>\n<y: 2>\n' }],
    ['cat < /nowhere', { code: 1, err: "sh: can't open /nowhere: No such file or directory\n" }],
    ["grep -E '^(x|z):' /etc/config/a.yaml", { out: 'x: 1\n', code: 0 }],
    ["grep -c ':' /etc/config/a.yaml; grep -on '[0-9]$' /etc/config/a.yaml", { out: '2\n1:1\n2:2\n' }],
    ["grep '1+1' /etc/config/a.yaml", { code: 1 }],
    ["sed 's/x: \\(.*\\)/X=\\1/; 2d' /etc/config/a.yaml", { out: 'X=1\n' }],
    ["sed -n '2p' /etc/config/a.yaml", { out: 'y: 2\n' }],
    ['seq 150000 | tail -n 1', { out: '150000\n' }],
    ['echo hello | head -c 4; echo hello | tail -c 3', { out: 'helllo\n' }],
    ['seq x', { code: 1, err: "seq: invalid number 'x'\n" }],
    ['dd if=/dev/zero of=/tmp/z bs=1k count=3; stat -c %s /tmp/z', { out: '3072\n', code: 0 }],
    ['chmod +x /nowhere', { code: 1 }],
    [
      'touch /tmp/f; stat -c %a:%A /tmp/f; chmod 640 /tmp/f; chmod o+r,g-r /tmp/f; stat -c %a /tmp/f',
      { out: '644:-rw-r--r--\n604\n' },
    ],
    ['mkdir /tmp/d && test -d /tmp/d && chown 5:6 /tmp/d && stat -c %u:%g:%U:%A /tmp/d', { out: '5:6:5:drwxr-xr-x\n' }],
    ['mkdir /tmp', { code: 1, err: "mkdir: can't create directory '/tmp': File exists\n" }],
    ['mkdir -p /tmp/d; echo x > /tmp/d/f; rm /tmp/d', { code: 1, err: "rm: can't remove '/tmp/d': Is a directory\n" }],
    [
      'mkdir /tmp/d; echo x > /tmp/d/f; rm -r /tmp/d; ls /tmp/d',
      { code: 1, err: 'ls: /tmp/d: No such file or directory\n' },
    ],
    ['mkdir /tmp/d; echo x > /tmp/f; cp /tmp/f /tmp/d; mv /tmp/f /tmp/g; cat /tmp/d/f; ls /tmp', { out: 'x\nd\ng\n' }],
    ['cp -r /etc/config /tmp/copy; cat /tmp/copy/a.yaml', { out: 'x: 1\ny: 2\n' }],
    ['cp /etc/config /tmp/copy', { code: 1, err: "cp: omitting directory '/etc/config'\n" }],
    ['echo hello | base64; echo aGVsbG8= | base64 -d', { out: 'aGVsbG8K\nhello' }],
    [
      'printf abc | hexdump -C',
      { out: '00000000  61 62 63                                          |abc|\n00000003\n' },
    ],
    ['printf abc | sha256sum', { out: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  -\n' }],
    ['printf "b\na\nb\n" | sort | uniq -c', { out: '      1 a\n      2 b\n' }],
    ['printf "10\n9\n" | sort -n; printf "a:b:c\n" | cut -d: -f1,3', { out: '9\n10\na:c\n' }],
    ['echo hello | tr a-z A-Z | tr -d L', { out: 'HEO\n' }],
    [
      'tar -cf /tmp/a.tar -C /etc config && tar -C /tmp -xmf /tmp/a.tar && cat /tmp/config/a.yaml',
      { out: 'x: 1\ny: 2\n' },
    ],
    ['tar -xf /tmp/none.tar', { code: 1 }],
    ['basename /a/b.txt .txt; dirname /a/b', { out: 'b\n/a\n' }],
    ['id; id -u; whoami', { out: 'uid=0(root) gid=0(root) groups=0(root)\n0\nroot\n' }],
    ['sysctl kernel.none', { code: 1 }],
  ])('sh -c %j', (script, expected) => {
    expect(sh(script)).toMatchObject(expected);
  });

  test('a container runs as the user that it asks for, and files are that user’s', () => {
    const user = { uid: 1000, gid: 2000, groups: [3000] };
    const files = new FileSystem({ user });
    expect(sh('id; id -G; touch /tmp/f; stat -c %u:%g /tmp/f', { user, files }).out).toBe(
      'uid=1000 gid=2000 groups=2000,3000\n2000 3000\n1000:2000\n',
    );
    expect(sh('whoami', { user })).toMatchObject({ code: 1, err: 'whoami: unknown uid 1000\n' });
  });

  test('nothing is written to a root file system that is read-only, but to what is mounted there', () => {
    const mounts = [{ path: '/v', tree: new FileTree(), subPath: '', readOnly: false }];
    const files = new FileSystem({ readOnlyRoot: true, mounts });
    expect(sh('echo x > /file', { files })).toMatchObject({
      code: 1,
      err: "sh: can't create /file: Read-only file system\n",
    });
    expect(sh('mkdir /d', { files })).toMatchObject({ code: 1 });
    expect(sh('echo x > /v/file; cat /v/file; ls /', { files }).out).toContain('x\nbin\n');
  });

  test('a program outside the simulation runs until it is stopped, also inside a script', () => {
    expect(play(['nginx', '-g', 'daemon off;'])).toMatchObject({ serves: true });
    expect(sh('echo starting; exec npm start')).toMatchObject({ serves: true, out: 'starting\n' });
  });

  test('syntax outside the simulation makes the script an opaque service', () => {
    expect(sh('case $1 in a) echo a;; esac')).toMatchObject({ serves: true });
  });

  test('typed into a running container, an unknown program is not found', () => {
    expect(play(['nosuch'], { unknownProgram: undefined })).toMatchObject({ code: 127, err: 'nosuch: not found\n' });
  });

  test('an endless loop sleeps between rounds', () => {
    const { out, sleptMs } = sh('while true; do date +%F; sleep 1; done');
    expect(out.split('\n').length).toBeGreaterThan(100);
    expect(sleptMs).toBeGreaterThan(100_000);
    expect(sh('while true; do echo busy; done').sleptMs).toBeGreaterThan(0);
  });

  test('a shell reads commands from standard input until exit', () => {
    expect(play(['sh'], { stdin: ['echo hi\n', 'nosuch\n', 'exit 4\n', 'echo never\n'] })).toMatchObject({
      out: 'hi\n',
      err: 'nosuch: not found\n',
      code: 4,
    });
    expect(play(['sh'])).toMatchObject({ code: 0, out: '' });
  });

  test('the pi Job of the documentation prints 2000 digits', () => {
    const { out, code } = play(['perl', '-Mbignum=bpi', '-wle', 'print bpi(2000)']);
    expect(code).toBe(0);
    expect(out).toHaveLength(2002);
    expect(out.slice(0, 22)).toBe('3.14159265358979323846');
    expect(play(['perl', '-Mbignum=bpi', '-wle', 'print bpi(5)']).out).toBe('3.1416\n');
  });
});
