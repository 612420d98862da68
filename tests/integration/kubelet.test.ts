import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { configmaps, nodes, pods, serviceaccounts } from '@pilothouse/api';
import type { Pod, PodSpec } from '@pilothouse/api';
import { isNotFound } from '@pilothouse/apimachinery';
import { clientFromKubeconfig, type KubeClient } from '@pilothouse/client';
import { startApiserver, type RunningApiserver } from '@pilothouse/testing';

const MAIN = fileURLToPath(new URL('../../apps/kubelet/src/main.ts', import.meta.url));

let apiserver: RunningApiserver;
let client: KubeClient;
let kubelet: ChildProcess;

beforeAll(async () => {
  apiserver = await startApiserver({
    users: [{ name: 'kubelet', user: 'pilothouse:kubelet', groups: ['system:masters'] }],
    flags: ['--kubelet-preferred-address-types=InternalIP'],
  });
  client = await clientFromKubeconfig(apiserver.kubeconfig(), { userAgent: 'test' });
  // What the controller-manager would have made in every namespace.
  const metadata = { namespace: 'default' };
  await client.resource(serviceaccounts).create({ metadata: { ...metadata, name: 'default' } });
  await client
    .resource(configmaps)
    .create({ metadata: { ...metadata, name: 'kube-root-ca.crt' }, data: { 'ca.crt': '' } });
  kubelet = startKubelet();
});

afterAll(async () => {
  client?.close();
  await stopKubelet();
  await apiserver?.stop();
});

function startKubelet(): ChildProcess {
  const flags = [
    '--nodes=2',
    '--address=127.0.0.1',
    '--port=0',
    '--healthz-port=0',
    '--max-pods=200',
    `--client-ca-file=${apiserver.pki.path('ca.crt')}`,
  ];
  return spawn(process.execPath, [MAIN, `--kubeconfig=${apiserver.kubeconfig('kubelet')}`, ...flags], {
    stdio: 'ignore',
  });
}

async function stopKubelet(): Promise<void> {
  if (!kubelet || kubelet.exitCode !== null) return;
  const exited = once(kubelet, 'exit');
  kubelet.kill('SIGTERM');
  await exited;
}

/** Asks until it holds; what it waits for comes from another process. */
async function eventually<T>(what: string, ask: () => Promise<T | undefined | false>): Promise<T> {
  const deadline = Date.now() + 15_000;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (Date.now() > deadline) throw new Error(`never came true: ${what}`);
    await sleep(50);
  }
}

function createPod(name: string, spec: Partial<PodSpec>, annotations: Record<string, string> = {}): Promise<Pod> {
  const containers = [{ name: 'main', image: 'nginx:1.27' }];
  const pod = {
    metadata: { name, namespace: 'default', annotations },
    spec: { nodeName: 'node-1', containers, ...spec },
  };
  return client.resource(pods).create(pod);
}

const getPod = (name: string): Promise<Pod> => client.resource(pods).get(name, { namespace: 'default' });
const inPhase = (name: string, phase: string): Promise<Pod> =>
  eventually(`${name} is ${phase}`, async () => {
    const pod = await getPod(name);
    return pod.status?.phase === phase && pod;
  });
const isGone = (name: string): Promise<boolean> =>
  eventually(`${name} is gone`, () => getPod(name).then(() => false, isNotFound));

async function kubectl(
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<{ out: string; code: number }> {
  const options = { env: { ...process.env, KUBECONFIG: apiserver.kubeconfig(), ...env } };
  return promisify(execFile)('kubectl', args, options).then(
    ({ stdout }) => ({ out: stdout, code: 0 }),
    ({ stdout, code }: { stdout: string; code: number }) => ({ out: stdout, code }),
  );
}

describe('a kubelet at a real apiserver', () => {
  test('registers its nodes, Ready', async () => {
    await eventually('two nodes are Ready', async () => {
      const { items } = await client.resource(nodes).list();
      const ready = items.filter((node) =>
        node.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True'),
      );
      return ready.length === 2;
    });
  });

  test('runs a pod, and deletes it when asked', async () => {
    await createPod('web', {});
    const { status } = await inPhase('web', 'Running');
    expect(status).toMatchObject({ podIP: expect.stringMatching(/^10\.244\./), hostIP: '127.0.0.1' });
    await client.resource(pods).delete('web', { namespace: 'default' });
    await isGone('web');
  });

  test('runs a command to its end', async () => {
    await createPod('task', {
      restartPolicy: 'Never',
      containers: [{ name: 'main', image: 'busybox', command: ['sh', '-c', 'echo out; exit 3'] }],
    });
    const { status } = await inPhase('task', 'Failed');
    expect(status!.containerStatuses![0]!.state!.terminated).toMatchObject({ exitCode: 3, reason: 'Error' });
    expect(await kubectl(['logs', 'task'])).toEqual({ out: 'out\n', code: 0 });
  });

  test('has a hundred pods running in no time', async () => {
    const names = Array.from({ length: 100 }, (_, n) => `many-${n}`);
    await Promise.all(names.map((name, n) => createPod(name, { nodeName: `node-${(n % 2) + 1}` })));
    await eventually('all are Running', async () => {
      const { items } = await client.resource(pods).list({ namespace: 'default' });
      return (
        items.filter(({ metadata, status }) => metadata.name?.startsWith('many-') && status?.phase === 'Running')
          .length === 100
      );
    });
  });

  test.each([
    ['WebSocket', 'true'],
    ['SPDY', 'false'],
  ])('answers kubectl exec over %s', async (_, webSockets) => {
    const answer = await kubectl(['exec', 'many-0', '--', 'sh', '-c', 'hostname; exit 4'], {
      KUBECTL_REMOTE_COMMAND_WEBSOCKETS: webSockets,
    });
    expect(answer).toEqual({ out: 'many-0\n', code: 4 });
  });

  test('leaves its pods as they are when it starts again', async () => {
    const before = (await getPod('many-0')).status;
    await stopKubelet();
    kubelet = startKubelet();
    await createPod('after', {});
    await inPhase('after', 'Running');
    expect((await getPod('many-0')).status).toEqual(before);
  });
});
