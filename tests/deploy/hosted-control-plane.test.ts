import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from '@pilothouse/testing';
import { afterAll, describe, expect, it } from 'vitest';
import type { ComponentProcess } from '../chaos/cluster/component-process.ts';
import { eventually } from '../chaos/cluster/eventually.ts';
import { useCluster } from '../e2e/cluster.ts';
import { podProcess } from './pod-process.ts';
import type { Manifest } from './render.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const NAMESPACE = '--namespace=pilothouse';
const run = promisify(execFile);

/**
 * docs/deploy/hosted-control-plane.md, word for word, in a host cluster of ours. Its kubelets only play the pods, so each is
 * then started once more as the process it stands for: with the flags of the pod that the host's controllers have made, and
 * the files of the Secret it mounts. What comes of it must be a cluster.
 */
describe('a control plane hosted in a cluster', () => {
  const host = useCluster();
  const directory = mkdtempSync(join(tmpdir(), 'pilothouse-hosted-'));
  const pki = join(directory, 'pki');
  const processes: ComponentProcess[] = [];

  afterAll(async () => {
    await Promise.all(processes.map((each) => each.kill9()));
    rmSync(directory, { recursive: true, force: true });
  });

  async function pods(name: string): Promise<Manifest[]> {
    const list = await host
      .get()
      .kubectl('get', 'pods', NAMESPACE, `--selector=app.kubernetes.io/name=${name}`, '-o', 'json');
    return JSON.parse(list).items;
  }

  it('is admitted under the restricted pod security standard and runs', { timeout: 120_000 }, async () => {
    // What a cluster with volumes has.
    const storageClass = {
      apiVersion: 'storage.k8s.io/v1',
      kind: 'StorageClass',
      metadata: { name: 'default', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
      provisioner: 'pilothouse.dev/simulated',
    };
    await host.get().kubectl('apply', '-f', host.get().file(JSON.stringify(storageClass)));
    await host.get().kubectl('create', 'namespace', 'pilothouse');
    const environment = { ...process.env, KUBECONFIG: host.get().kubeconfig };
    await run(join(ROOT, 'deploy', 'make-pki-secret.sh'), ['pilothouse', pki], { env: environment });
    await host.get().kubectl('apply', '--validate=strict', '-k', join(ROOT, 'deploy', 'kustomize', 'control-plane'));
    for (const workload of [
      'statefulset/etcd',
      'deployment/apiserver',
      'deployment/scheduler',
      'deployment/controller-manager',
      'statefulset/kubelet',
    ])
      await host.get().kubectl('rollout', 'status', NAMESPACE, workload, '--timeout=90s');
    const phases = await host.get().kubectl('get', 'pods', NAMESPACE, '--output=jsonpath={.items[*].status.phase}');
    expect(phases.split(' ')).toEqual(Array.from({ length: 12 }, () => 'Running'));
  });

  it('is a cluster, when each of its pods is the process that it says', { timeout: 180_000 }, async () => {
    const secret = async (name: string) =>
      JSON.parse(await host.get().kubectl('get', 'secret', name, NAMESPACE, '--output=jsonpath={.data}'));
    const ports: Record<string, string> = {};
    for (const { metadata } of await pods('etcd'))
      for (const port of [2379, 2380]) ports[`${metadata.name}.etcd:${port}`] = `127.0.0.1:${await freePort()}`;
    const apiservers = [await freePort(), await freePort()];
    // Of two apiservers behind one name, a client of this test meets the first.
    const replace = { ...ports, 'https://apiserver:6443': `https://127.0.0.1:${apiservers[0]}` };

    const start = async (pod: Manifest, command: string[], own: Record<string, string>, ...more: string[]) => {
      const places = {
        directory: join(directory, pod['metadata'].name),
        replace: { ...own, ...replace },
        more,
        secret,
      };
      const started = await podProcess(pod, command, places);
      processes.push(started);
      started.start();
    };
    const app = (name: string): string[] => [process.execPath, join(ROOT, 'apps', name, 'src', 'main.ts')];

    for (const pod of await pods('etcd')) {
      const own = (port: number) => ports[`${pod['metadata'].name}.etcd:${port}`]!;
      const listen = {
        '0.0.0.0:2379': own(2379),
        '0.0.0.0:2380': own(2380),
        '0.0.0.0:2381': `127.0.0.1:${await freePort()}`,
      };
      await start(pod, ['etcd'], listen);
    }
    for (const [index, pod] of (await pods('apiserver')).entries())
      await start(pod, app('apiserver'), { '=6443': `=${apiservers[index]}` }, '--bind-address=127.0.0.1');
    const hosted = async (...args: string[]): Promise<string> => {
      const access = [`--kubeconfig=${join(pki, 'admin.conf')}`, `--server=https://127.0.0.1:${apiservers[0]}`];
      return (await run('kubectl', [...access, ...args])).stdout;
    };
    try {
      // Until the first roles are there, whoever comes is refused; who is refused comes again, as everywhere.
      await eventually('both apiservers are ready', 60_000, async () => {
        const answers = apiservers.map((port) =>
          hosted('get', '--raw', '/readyz', `--server=https://127.0.0.1:${port}`),
        );
        return (await Promise.all(answers)).every((answer) => answer === 'ok');
      });
      for (const name of ['scheduler', 'controller-manager'])
        for (const pod of await pods(name))
          await start(pod, app(name), {}, '--bind-address=127.0.0.1', `--secure-port=${await freePort()}`);
      for (const pod of await pods('kubelet')) {
        const local = ['--address=127.0.0.1', '--port=0', '--healthz-bind-address=127.0.0.1'];
        await start(
          pod,
          app('kubelet'),
          { [pod['status'].podIP]: '127.0.0.1' },
          ...local,
          `--healthz-port=${await freePort()}`,
        );
      }

      await eventually('three nodes are Ready', 90_000, async () => {
        const nodes = (await hosted('get', 'nodes', '--no-headers')).trim().split('\n');
        return nodes.filter((line) => /^kubelet-\d +Ready /.test(line)).length === 3;
      });
      await hosted('create', 'deployment', 'inner', '--image=nginx', '--replicas=4');
      await hosted('rollout', 'status', 'deployment/inner', '--timeout=60s');
      // Two of each, of which one leads.
      const holders = await hosted(
        'get',
        'leases',
        '--namespace=kube-system',
        '--output=jsonpath={.items[*].metadata.name}',
      );
      expect(holders.split(' ')).toEqual(expect.arrayContaining(['kube-controller-manager', 'kube-scheduler']));
      // An apiserver that finds no etcd yet ends, and its pod starts it again.
      const others = processes.filter(({ name }) => !name.startsWith('apiserver'));
      expect(others.filter(({ restarts }) => restarts > 0).map(({ name }) => name)).toEqual([]);
      expect(others.filter(({ log }) => /forbidden/i.test(log)).map(({ name }) => name)).toEqual([]);
    } catch (error) {
      for (const { name, log } of processes) process.stderr.write(`── ${name}\n${log.slice(-1_500)}\n`);
      throw error;
    }
  });
});
