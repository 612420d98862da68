import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Pki } from '@pilothouse/pki';
import { DataDir } from '../data-dir/data-dir.ts';
import { localAddress, planComponents } from './components.ts';
import { readUpOptions } from './options.ts';

const ports = { etcdClient: 1, etcdPeer: 2, scheduler: 3, controllerManager: 4, kubelet: 5, kubeletHealth: 6 };
const pki: Pki = { dir: '/d', created: [], path: (file) => `/d/pki/${file}`, kubeconfig: (name) => `/d/${name}.conf` };
const plan = (...args: string[]) => planComponents({ options: readUpOptions(args), ports, pki });

describe('planComponents', () => {
  it('starts every component from its sources, etcd below the apiserver below the rest', () => {
    const components = plan();
    expect(components.map(({ name, layer }) => [name, layer])).toEqual([
      ['etcd', 0],
      ['kube-apiserver', 1],
      ['kube-scheduler', 2],
      ['kube-controller-manager', 2],
      ['kubelet', 2],
    ]);
    for (const { args } of components.slice(1))
      expect(args.find((arg) => arg.endsWith('main.ts'))).toSatisfy(existsSync);
  });

  it('starts no kubelet for no nodes', () => {
    expect(plan('--nodes=0').map(({ name }) => name)).not.toContain('kubelet');
  });

  it('starts a metrics server when it is asked for', () => {
    expect(plan('--metrics-server').map(({ name }) => name)).toContain('metrics-server');
  });

  it('passes on what the user asked for', () => {
    const [, apiserver, , , kubelet] = plan(
      '--nodes=7',
      '--port=7443',
      '--bind-address=0.0.0.0',
      '--extra=kube-apiserver=--v=6',
    );
    expect(apiserver!.args).toEqual(expect.arrayContaining(['--secure-port=7443', '--bind-address=0.0.0.0']));
    expect(apiserver!.args.at(-1)).toBe('--v=6');
    expect(apiserver!.readyUrl).toBe('https://127.0.0.1:7443/readyz');
    expect(kubelet!.args).toContain('--nodes=7');
  });

  it('leaves each layer time to stop, all within five seconds', () => {
    const slowest = (layer: number): number =>
      Math.max(
        ...plan()
          .filter((each) => each.layer === layer)
          .map((each) => each.stopTimeoutMs),
      );
    expect(slowest(0) + slowest(1) + slowest(2)).toBeLessThan(5000);
  });
});

describe('localAddress', () => {
  it.each([
    ['0.0.0.0', '127.0.0.1'],
    ['::', '127.0.0.1'],
    ['::1', '[::1]'],
    ['192.0.2.1', '192.0.2.1'],
  ])('reaches %s at %s', (bind, local) => expect(localAddress(bind)).toBe(local));
});

describe('readUpOptions', () => {
  it('has defaults', () => {
    expect(readUpOptions([])).toMatchObject({ nodes: 3, port: 6443, bindAddress: '127.0.0.1' });
  });

  it('takes a relative data directory from where the user stands', () => {
    const base = process.env['INIT_CWD'] ?? process.cwd();
    expect(readUpOptions(['--data-dir', './scratch']).dataDir).toEqual(new DataDir(`${base}/scratch`));
  });

  it.each([
    [['--nodes', 'x'], '--nodes must be a whole number from 0 to 10000, not "x"'],
    [['--port=70000'], '--port must be a whole number from 1 to 65535, not "70000"'],
    [['--extra=kubelet'], '--extra must read <component>=<flag>, not "kubelet"'],
    [['--nonsense'], "Unknown option '--nonsense'"],
    [['surplus'], "Unexpected argument 'surplus'"],
  ])('refuses %j', (args, message) => expect(() => readUpOptions(args)).toThrow(message));
});
