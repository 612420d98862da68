import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, describe, expect, it } from 'vitest';

const FIXTURE = join(import.meta.dirname, 'run-component.fixture.ts');
const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

interface Run {
  readonly child: ChildProcess;
  readonly output: string[];
  /** Resolves with the log entry of that message. */
  said(message: string): Promise<Record<string, unknown>>;
  exit(): Promise<number | null>;
}

function run(args: string[] = [], env: NodeJS.ProcessEnv = {}): Run {
  const child = spawn(process.execPath, [FIXTURE, ...args], { env: { ...process.env, ...env } });
  children.push(child);
  const output: string[] = [];
  const exit = once(child, 'close').then(([code]) => code as number | null);
  const waiting = new Map<string, (entry: Record<string, unknown>) => void>();
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      output.push(line);
      if (!line.startsWith('{')) return;
      const entry = JSON.parse(line) as Record<string, unknown>;
      waiting.get(String(entry['msg']))?.(entry);
    });
  }
  return {
    child,
    output,
    exit: () => exit,
    said: (message) =>
      new Promise((resolve, reject) => {
        const before = output.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));
        const entry = before.find((each) => each.msg === message);
        if (entry) resolve(entry);
        waiting.set(message, resolve);
        void exit.then(() => reject(new Error(`ended without saying ${message}:\n${output.join('\n')}`)));
      }),
  };
}

describe('runComponent', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)(
    'stops gracefully on %s: the signal, then the hooks, last first',
    async (signal) => {
      const { child, said, exit, output } = run();
      await said('started');
      child.kill(signal);
      expect(await exit()).toBe(0);
      const hooks = output.filter((line) => line.includes('hook: ')).map((line) => JSON.parse(line));
      expect(hooks).toMatchObject([
        { msg: 'hook: registered second', aborted: true },
        { msg: 'hook: registered first' },
      ]);
    },
  );

  it('waits for the hooks no longer than it may', async () => {
    const { child, said, exit, output } = run(['--slow-stop=1h', '--shutdown-timeout=200ms']);
    await said('started');
    child.kill('SIGTERM');
    expect(await exit()).toBe(0);
    expect(output.join('\n')).toContain('the time for a graceful stop is over');
  });

  it('ends at once on a second signal', async () => {
    const { child, said, exit } = run(['--slow-stop=1h', '--shutdown-timeout=1h']);
    await said('started');
    child.kill('SIGTERM');
    await said('hook: registered second');
    child.kill('SIGTERM');
    expect(await exit()).toBe(1);
  });

  it('ends when its supervisor is gone', async () => {
    const { child, said, exit } = run([], { PILOTHOUSE_SUPERVISED: 'stdin' });
    await said('started');
    child.stdin!.destroy();
    expect(await exit()).toBe(0);
  });

  it.each([
    ['throw', 'cannot begin'],
    ['reject', 'nobody caught this'],
    ['later', 'leaderelection lost'],
  ])('ends with one clear line when it fails (%s)', async (how, message) => {
    const { exit, output } = run([`--fail=${how}`]);
    expect(await exit()).toBe(1);
    expect(output.filter((line) => line.startsWith('error: '))).toEqual([`error: kube-fixture: ${message}`]);
  });

  it.each([
    [['--nonsense'], 'error: kube-fixture: unknown flag: --nonsense'],
    [
      ['--slow-stop=x'],
      'error: kube-fixture: invalid argument "x" for "--slow-stop" flag: expected a duration such as 10s or 1m30s',
    ],
    [['surplus'], 'error: kube-fixture: unexpected argument: surplus'],
  ])('refuses %j', async (args, message) => {
    const { exit, output } = run(args);
    expect(await exit()).toBe(1);
    expect(output).toEqual([message]);
  });

  it('says once that a flag has no effect', async () => {
    const { said } = run(['--profiling=false']);
    expect(await said('Flag is accepted without effect')).toMatchObject({ flag: '--profiling', level: 'warn' });
  });

  it('prints its flags', async () => {
    const { exit, output } = run(['--help']);
    expect(await exit()).toBe(0);
    expect(output.join('\n')).toMatch(/--admission-control strings/);
    expect(output.join('\n')).toMatch(/--feature-gates mapStringBool/);
  });

  it('sends traces and metrics to an OTLP endpoint when one is set', async () => {
    const paths = new Set<string>();
    let received: () => void;
    const both = new Promise<void>((resolve) => (received = resolve));
    const collector = createServer((request, response) => {
      paths.add(request.url!);
      request.resume().on('end', () => response.end());
      if (paths.has('/v1/traces') && paths.has('/v1/metrics')) received();
    }).listen(0, '127.0.0.1');
    await once(collector, 'listening');
    const { port } = collector.address() as { port: number };
    const { child, said, exit } = run([], { OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}` });
    await said('started');
    child.kill('SIGTERM');
    await both;
    expect(await exit()).toBe(0);
    collector.close();
  });
});
