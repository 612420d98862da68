import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { kubectlOf, useCluster } from './cluster.ts';

const cluster = useCluster();
const kubectl = kubectlOf(cluster);

beforeAll(async () => {
  await kubectl('wait serviceaccount/default --for=create --timeout=30s');
  await kubectl('run talker --image=nginx --port=80');
  await kubectl('wait pod/talker --for=condition=Ready --timeout=30s');
});

afterEach(() => vi.unstubAllEnvs());

/** kubectl speaks both, and falls back to the older one. */
describe.each([
  ['WebSocket', 'true'],
  ['SPDY', 'false'],
])('over %s', (protocol, webSockets) => {
  const folder = () => join(cluster.get().dataDir, `copied-${protocol}`);
  const speak = () => {
    vi.stubEnv('KUBECTL_REMOTE_COMMAND_WEBSOCKETS', webSockets);
    vi.stubEnv('KUBECTL_PORT_FORWARD_WEBSOCKETS', webSockets);
  };

  it('copies folders into a pod and out of it, binary files included', async () => {
    speak();
    const bytes = Buffer.from(Array.from({ length: 70_000 }, (_, index) => (index * 7919) % 256));
    mkdirSync(join(folder(), 'in', 'sub'), { recursive: true });
    writeFileSync(join(folder(), 'in', 'numbers.bin'), bytes);
    writeFileSync(join(folder(), 'in', 'sub', 'greeting.txt'), 'Grüß Gott\n');
    await kubectl(`cp ${folder()}/in talker:/srv/${protocol}`);
    expect(await kubectl(`exec talker -- cat /srv/${protocol}/sub/greeting.txt`)).toBe('Grüß Gott');
    await kubectl(`cp talker:/srv/${protocol} ${folder()}/out`);
    expect(readFileSync(join(folder(), 'out', 'numbers.bin')).equals(bytes)).toBe(true);
  });

  it('gives a command its input and takes its output and exit code', async () => {
    speak();
    const run = (script: string, input: string) =>
      execFileSync('kubectl', ['exec', '-i', 'talker', '--', 'sh', '-c', script], {
        input,
        encoding: 'utf8',
        stdio: 'pipe',
        env: { ...process.env, KUBECONFIG: cluster.get().kubeconfig },
      });
    const long = `${'a long line '.repeat(20_000)}\n`;
    expect(run('cat', long)).toBe(long);
    expect(() => run('cat >/dev/null; exit 7', 'x')).toThrow(/command terminated with exit code 7/);
  });

  it('forwards a port', async () => {
    speak();
    const forward = spawn('kubectl', ['port-forward', 'pod/talker', ':80', '--address=127.0.0.1'], {
      env: { ...process.env, KUBECONFIG: cluster.get().kubeconfig },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    try {
      const [line] = (await once(createInterface(forward.stdout), 'line')) as [string];
      const port = /127\.0\.0\.1:(\d+) -> 80/.exec(line)?.[1];
      expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toContain('Welcome to nginx!');
    } finally {
      forward.kill();
      await once(forward, 'close');
    }
  });

  it('runs a pod for as long as somebody is attached to it', async () => {
    speak();
    const name = `once-${protocol.toLowerCase()}`;
    const said = await kubectl(`run ${name} --image=busybox --restart=Never --rm -i -- echo hello`);
    expect(said).toContain('hello');
    await expect(kubectl(`get pod ${name}`)).rejects.toThrow(/not found/);
  });
});

describe('debugging', () => {
  it('adds a container to a pod that runs', async () => {
    await kubectl('debug talker --image=busybox -c helper --profile=general -- sleep 1000');
    await kubectl(`wait pod/talker --for=jsonpath={.status.ephemeralContainerStatuses[0].state.running} --timeout=30s`);
    expect(await kubectl('exec talker -c helper -- echo here')).toBe('here');
  });

  it('copies a pod with another image', async () => {
    await kubectl('debug talker --copy-to=talker-copy --set-image=*=nginx:1.28 --profile=general');
    expect(await kubectl('get pod talker-copy -o jsonpath={.spec.containers[0].image}')).toBe('nginx:1.28');
  });
});
