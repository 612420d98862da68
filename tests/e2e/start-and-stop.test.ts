import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { isRunning, NpmStart } from './npm-start.ts';
import type { NpmStartOptions } from './npm-start.ts';

const started: NpmStart[] = [];
afterEach(async () => {
  await Promise.all(started.splice(0).map((each) => each.remove()));
});

async function run(options?: NpmStartOptions): Promise<NpmStart> {
  const each = await NpmStart.run(options);
  started.push(each);
  return each;
}

async function ready(options?: NpmStartOptions): Promise<NpmStart> {
  const each = await run(options);
  await each.line(/^Ready in /);
  return each;
}

describe('npm start', () => {
  it('makes a cluster with three nodes that runs pods, and tells how to reach it', async () => {
    const cluster = await ready();
    expect(cluster.lines.at(-1)).toMatch(/^Ready in \d+\.\d s · export KUBECONFIG=\//);
    expect(await cluster.kubectl('get', 'nodes', '-o', 'jsonpath={.items[*].metadata.name}')).toBe(
      'node-1 node-2 node-3',
    );
    await cluster.kubectl('create', 'deployment', 'web', '--image=nginx', '--replicas=3');
    await cluster.kubectl('rollout', 'status', 'deployment/web', '--timeout=30s');
    expect(Object.keys(cluster.processes()).sort()).toEqual([
      'etcd',
      'kube-apiserver',
      'kube-controller-manager',
      'kube-scheduler',
      'kubelet',
    ]);
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('leaves nothing behind within 5 s of %s', async (signal) => {
    const cluster = await ready({ nodes: 1 });
    const processes = Object.values(cluster.processes());
    const since = performance.now();
    cluster.signal(signal);
    expect(await cluster.exited()).toBe(0);
    expect(performance.now() - since).toBeLessThan(5000);
    expect(processes.filter(isRunning)).toEqual([]);
    expect(existsSync(join(cluster.dataDir, 'pilothouse.lock'))).toBe(false);
    expect(
      readdirSync(cluster.dataDir, { recursive: true }).filter((name) => String(name).endsWith('.partial')),
    ).toEqual([]);
  });

  it('finds the cluster as it was on the same data directory', async () => {
    const first = await ready({ nodes: 1 });
    await first.kubectl('create', 'configmap', 'kept', '--from-literal=a=b');
    const uid = await first.kubectl('get', 'configmap', 'kept', '-o', 'jsonpath={.metadata.uid}');
    await first.stop();
    const second = await ready({ nodes: 1, dataDir: first.dataDir, port: first.port });
    expect(await second.kubectl('get', 'configmap', 'kept', '-o', 'jsonpath={.metadata.uid}')).toBe(uid);
  });

  it('serves metrics when it is asked to, and not in the next run, when it is not', async () => {
    const first = await ready({ nodes: 1, args: ['--metrics-server'] });
    expect(await first.kubectl('get', '--raw', '/apis/metrics.k8s.io/v1beta1')).toContain('NodeMetrics');
    await first.stop();
    const second = await ready({ nodes: 1, dataDir: first.dataDir, port: first.port });
    await expect(second.kubectl('top', 'nodes')).rejects.toThrow('error: Metrics API not available');
    expect(await second.kubectl('api-resources')).not.toContain('metrics.k8s.io');
  });

  it('runs beside another on other ports', async () => {
    const [one, two] = await Promise.all([ready({ nodes: 1 }), ready({ nodes: 2 })]);
    expect(await one!.kubectl('get', 'nodes', '-o', 'name')).toBe('node/node-1');
    expect(await two!.kubectl('get', 'nodes', '-o', 'name')).toBe('node/node-1\nnode/node-2');
  });

  it('takes over from a supervisor that was killed, whose children end by themselves', async () => {
    const first = await ready({ nodes: 1 });
    const children = Object.values(first.processes());
    first.signal('SIGKILL');
    await first.exited();
    await vi.waitFor(() => expect(children.filter(isRunning)).toEqual([]), { timeout: 5000, interval: 50 });
    await ready({ nodes: 1, dataDir: first.dataDir, port: first.port });
  });

  it('starts again what crashes, and says so', async () => {
    const cluster = await ready({ nodes: 1 });
    const before = cluster.processes();
    process.kill(before['kube-scheduler']!, 'SIGKILL');
    expect(await cluster.line(/^kube-scheduler was ended by SIGKILL/)).toContain(join('logs', 'kube-scheduler.log'));
    await cluster.line(/^kube-scheduler is back/);
    expect(cluster.processes()['kube-scheduler']).not.toBe(before['kube-scheduler']);
    process.kill(before['etcd']!, 'SIGKILL');
    await cluster.line(/^etcd was ended by SIGKILL/);
    await cluster.line(/^etcd is back/);
    await vi.waitFor(() => cluster.kubectl('create', 'deployment', 'web', '--image=nginx'), { timeout: 15_000 });
    await cluster.kubectl('rollout', 'status', 'deployment/web', '--timeout=30s');
  });
});

describe('npm start tells in one line', () => {
  const errorOf = async (options: NpmStartOptions): Promise<string> => {
    const start = await run(options);
    expect(await start.exited()).toBe(1);
    const errors = start.lines.filter((line) => line.startsWith('error: '));
    expect(errors, start.lines.join('\n')).toHaveLength(1);
    return errors[0]!;
  };

  it('that the port is taken', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    expect(await errorOf({ port })).toBe(
      `error: port ${port} on 127.0.0.1 is already in use; choose another with --port`,
    );
    server.close();
  });

  it('that the data directory is in use', async () => {
    const cluster = await ready({ nodes: 1 });
    expect(await errorOf({ dataDir: cluster.dataDir })).toContain(`is in use by process ${cluster.pid}`);
    expect(await cluster.kubectl('get', 'nodes', '-o', 'name')).toBe('node/node-1');
  });

  it('that the data directory is a file', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'pilothouse-e2e-'));
    writeFileSync(join(directory, 'file'), '');
    expect(await errorOf({ dataDir: join(directory, 'file') })).toMatch(/data directory .*file cannot be used: /);
    rmSync(directory, { recursive: true });
  });

  it('that the state in the data directory is broken', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'pilothouse-e2e-'));
    writeFileSync(join(dataDir, 'state.json'), '{');
    expect(await errorOf({ dataDir })).toMatch(/data directory .* is broken: .*state\.json/);
  });

  it('that etcd cannot read its data, and which log has more', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'pilothouse-e2e-'));
    mkdirSync(join(dataDir, 'etcd', 'member', 'snap'), { recursive: true });
    writeFileSync(join(dataDir, 'etcd', 'member', 'snap', 'db'), 'not a database');
    expect(await errorOf({ dataDir })).toMatch(
      /^error: etcd ended with code \d+ before it was ready: .*logs\/etcd\.log\)$/,
    );
  });

  it('that etcd is missing', async () => {
    expect(await errorOf({ env: { PILOTHOUSE_ETCD: '/nowhere/etcd' } })).toBe(
      'error: PILOTHOUSE_ETCD=/nowhere/etcd is not an executable file',
    );
  });

  it('that a component does not know a flag, and which log has more', async () => {
    const error = await errorOf({ args: ['--extra', 'kube-scheduler=--nonsense=1'] });
    expect(error).toMatch(/kube-scheduler ended with code 1 before it was ready: .*unknown flag: --nonsense \(log: /);
    expect(readFileSync(error.match(/log: (.*)\)$/)![1]!, 'utf8')).toContain('unknown flag');
  });

  it('that it does not know a flag itself', async () => {
    expect(await errorOf({ args: ['--nonsense'] })).toBe("error: Unknown option '--nonsense'");
  });
});
