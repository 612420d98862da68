import { describe, expect, test } from 'vitest';
import { runProgram } from './run-shell.ts';
import { FileSystem } from '../file-system.ts';
import { serve } from './process.ts';
import type { ProcessContext } from './process.ts';

function play(args: string[], options: Partial<ProcessContext> & { stdin?: string[] } = {}) {
  const input = [...(options.stdin ?? [])];
  const context: ProcessContext = {
    env: { NAME: 'world', PATH: '/bin' },
    files: new FileSystem({ '/etc/hostname': 'web-0\n', '/etc/config/a.yaml': 'x: 1\ny: 2\n' }),
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
  ])('sh -c %j', (script, expected) => {
    expect(sh(script)).toMatchObject(expected);
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
