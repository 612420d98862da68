import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { freePort, startApiserver, type RunningApiserver } from '@pilothouse/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../chaos/cluster/eventually.ts';
import { CASES, filesOf, flagsOf, parseManifests, renderChart, renderKustomize } from './render.ts';

const APPS = join(import.meta.dirname, '..', '..', 'apps');
const directory = mkdtempSync(join(tmpdir(), 'pilothouse-deploy-'));
const children: ChildProcess[] = [];
const logs = new Map<ChildProcess, string[]>();
let host: RunningApiserver;

// The cluster into which things are deployed: with RBAC, so that what a base grants is what its app has.
beforeAll(async () => {
  host = await startApiserver({ flags: ['--authorization-mode=Node,RBAC', '--service-cluster-ip-range=10.96.0.0/16'] });
  kubectl('create', 'namespace', 'pilothouse');
  // As its own controllers would have done.
  kubectl('create', 'serviceaccount', 'default');
  kubectl('create', 'configmap', 'kube-root-ca.crt', '--from-literal=ca.crt=');
}, 60_000);

afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await host?.stop();
  rmSync(directory, { recursive: true, force: true });
}, 30_000);

function kubectl(...args: string[]): string {
  return execFileSync('kubectl', [`--kubeconfig=${host.kubeconfig()}`, ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

function apply(text: string, ...flags: string[]): string {
  const file = join(directory, 'manifests.yaml');
  writeFileSync(file, text);
  return kubectl('apply', '--validate=strict', `--filename=${file}`, ...flags);
}

/** Starts the app with exactly the flags of the manifest; only places are others: files, the pod's name, the port. */
function start(
  app: string,
  flags: readonly string[],
  places: Readonly<Record<string, string>>,
  ...ports: string[]
): ChildProcess {
  const here = flags.map((flag) =>
    Object.entries(places).reduce((text, [from, to]) => text.replaceAll(from, to), flag),
  );
  const child = spawn(process.execPath, [join(APPS, app, 'src', 'main.ts'), ...here, ...ports]);
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    createInterface({ input: stream }).on('line', (line) => lines.push(line));
  logs.set(child, lines);
  children.push(child);
  return child;
}

/** Whatever it has tried meanwhile, it had the right to. */
async function stop(child: ChildProcess): Promise<void> {
  expect(child.exitCode, 'the app runs on').toBeNull();
  expect(logs.get(child)!.filter((line) => /forbidden|unauthorized/i.test(line))).toEqual([]);
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  expect((await exited)[0]).toBe(0);
}

/** Deploys a base, and makes the files of its pod: those of its ConfigMap, and a token of its service account. */
function deploy(name: string, account: string): { flags: string[]; places: Record<string, string> } {
  const text = renderKustomize(name);
  apply(text);
  const manifests = parseManifests(text);
  const config = join(directory, name);
  mkdirSync(config);
  const authority = '--output=jsonpath={.data.client-ca-file}';
  const names = ['configmap', 'extension-apiserver-authentication', '--namespace=kube-system'];
  writeFileSync(join(config, 'ca.crt'), kubectl('get', ...names, authority));
  writeFileSync(join(config, 'token'), kubectl('create', 'token', account, '--namespace=kube-system'));
  const places = {
    'https://kubernetes.default.svc': host.server,
    '/var/run/secrets/kubernetes.io/serviceaccount/ca.crt': host.pki.path('ca.crt'),
    '/var/run/secrets/kubernetes.io/serviceaccount/token': join(config, 'token'),
    '/config/': `${config}/`,
    '/client-ca/': `${config}/`,
    '$(POD_NAME)': 'simulated-0',
    '$(POD_IP)': '127.0.0.1',
  };
  for (const [file, content] of Object.entries(filesOf(manifests, account))) {
    writeFileSync(
      join(config, file),
      Object.entries(places).reduce((whole, [from, to]) => whole.replaceAll(from, to), content),
    );
  }
  return { flags: flagsOf(manifests, account), places };
}

function pod(name: string, spec: object): string {
  const containers = [{ name: 'c', image: 'nginx' }];
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default' },
    spec: { containers, ...spec },
  });
}

describe.each(CASES)('deploy/kustomize/%s', (name) => {
  it('is what the API takes, to the last field', () => {
    expect(apply(renderKustomize(name), '--dry-run=server')).toContain('(server dry run)');
  });

  it('is what the chart renders too', (context) => {
    const namespace = name === 'control-plane' || name === 'apiserver' ? 'pilothouse' : 'kube-system';
    const chart = renderChart(name, namespace);
    if (chart === undefined) return context.skip('helm is not installed');
    expect(apply(chart, '--dry-run=server', `--namespace=${namespace}`)).toContain('(server dry run)');
    const workloads = (text: string) => {
      const found = parseManifests(text).filter(({ kind }) => /Deployment|StatefulSet/.test(kind));
      return Object.fromEntries(
        found.map((each) => [each['metadata'].name, each['spec'].template.spec.containers[0].args]),
      );
    };
    const expected = workloads(renderKustomize(name));
    if (name === 'controllers')
      expected['pilothouse-controllers'].push('--leader-elect-resource-namespace=kube-system');
    expect(workloads(chart)).toEqual(expected);
  });
});

describe('the apps with the flags and the rights of their base', () => {
  it('second-scheduler: binds the pods that ask for it, and no others', { timeout: 60_000 }, async () => {
    const { flags, places } = deploy('second-scheduler', 'pilothouse-scheduler');
    const node = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'host-1' } };
    apply(JSON.stringify(node));
    const capacity = { cpu: '4', memory: '8Gi', pods: '110' };
    const status = { status: { capacity, allocatable: capacity, conditions: [{ type: 'Ready', status: 'True' }] } };
    kubectl('patch', 'node', 'host-1', '--subresource=status', '--type=merge', `--patch=${JSON.stringify(status)}`);
    kubectl('patch', 'node', 'host-1', '--type=merge', '--patch={"spec":{"taints":null}}');
    const scheduler = start('scheduler', flags, places, `--secure-port=${await freePort()}`);
    apply(pod('ours', { schedulerName: 'pilothouse-scheduler' }));
    apply(pod('theirs', {}));
    const nodeOf = (name: string) => kubectl('get', 'pod', name, '--output=jsonpath={.spec.nodeName}');
    await eventually('the pod is bound', 30_000, async () => nodeOf('ours') === 'host-1');
    expect(nodeOf('theirs')).toBe('');
    // What needs more rights than binding: to make room for somebody more important, and to say why there is none.
    apply(
      JSON.stringify({
        apiVersion: 'scheduling.k8s.io/v1',
        kind: 'PriorityClass',
        metadata: { name: 'urgent' },
        value: 1000,
      }),
    );
    const wants = (cpu: string) => [{ name: 'c', image: 'nginx', resources: { requests: { cpu } } }];
    apply(pod('small', { schedulerName: 'pilothouse-scheduler', containers: wants('3') }));
    await eventually('the small one is bound', 30_000, async () => nodeOf('small') === 'host-1');
    apply(
      pod('urgent', { schedulerName: 'pilothouse-scheduler', containers: wants('4'), priorityClassName: 'urgent' }),
    );
    await eventually(
      'the small one makes room',
      30_000,
      async () =>
        kubectl('get', 'pod', 'small', '--ignore-not-found', '--output=jsonpath={.metadata.deletionTimestamp}') !==
          '' || kubectl('get', 'pod', 'small', '--ignore-not-found', '--output=name') === '',
    );
    apply(pod('huge', { schedulerName: 'pilothouse-scheduler', containers: wants('400') }));
    await eventually('it says why', 30_000, async () =>
      kubectl(
        'get',
        'events',
        '--field-selector=involvedObject.name=huge',
        '--output=jsonpath={.items[*].reason}',
      ).includes('FailedScheduling'),
    );
    kubectl('delete', 'pod', 'small', 'urgent', 'huge', '--ignore-not-found', '--force', '--grace-period=0');
    await stop(scheduler);
  });

  it('simulated-nodes: become Ready, are tainted, and run what tolerates that', { timeout: 60_000 }, async () => {
    const { flags, places } = deploy('simulated-nodes', 'pilothouse-kubelet');
    const kubelet = start('kubelet', flags, places, '--port=0', `--healthz-port=${await freePort()}`);
    await eventually('ten nodes are Ready', 30_000, async () => {
      const nodes = kubectl('get', 'nodes', '--selector=type=simulated', '--no-headers').trim().split('\n');
      return nodes.filter((line) => /^simulated-0-\d+ +Ready /.test(line)).length === 10;
    });
    expect(kubectl('get', 'node', 'simulated-0-1', '--output=jsonpath={.spec.taints[*].key}')).toContain(
      'pilothouse.io/simulated',
    );
    kubectl('create', 'configmap', 'mounted', '--from-literal=a=b');
    kubectl('create', 'secret', 'generic', 'mounted', '--from-literal=a=b');
    const volumes = [
      { name: 'c', configMap: { name: 'mounted' } },
      { name: 's', secret: { secretName: 'mounted' } },
      { name: 't', projected: { sources: [{ serviceAccountToken: { path: 'token' } }] } },
    ];
    apply(pod('simulated', { nodeName: 'simulated-0-1', tolerations: [{ operator: 'Exists' }], volumes }));
    await eventually(
      'the pod runs',
      30_000,
      async () => kubectl('get', 'pod', 'simulated', '--output=jsonpath={.status.phase}') === 'Running',
    );
    expect(kubectl('logs', 'simulated')).toBeDefined();
    kubectl('delete', 'pod', 'simulated', '--wait=false');
    await eventually(
      'it ends when asked',
      30_000,
      async () => !kubectl('get', 'pods', '--output=name').includes('pod/simulated'),
    );
    await stop(kubelet);
  });

  it('controllers: does the work of the chosen ones, and of no others', { timeout: 60_000 }, async () => {
    const { flags, places } = deploy('controllers', 'pilothouse-controllers');
    const manager = start('controller-manager', flags, places, `--secure-port=${await freePort()}`);
    const template = { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'busybox' }] } };
    const job = { template, ttlSecondsAfterFinished: 0 };
    apply(JSON.stringify({ apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'ours' }, spec: job }));
    kubectl('create', 'cronjob', 'hourly', '--image=busybox', '--schedule=0 * * * *');
    // Long ago: so it has missed one, which it makes up for at once.
    const last = { status: { lastScheduleTime: '2020-01-01T00:00:00Z' } };
    kubectl('patch', 'cronjob', 'hourly', '--subresource=status', '--type=merge', `--patch=${JSON.stringify(last)}`);
    kubectl('create', 'deployment', 'theirs', '--image=nginx');
    await eventually('the job has a pod', 30_000, async () =>
      kubectl('get', 'pods', '--selector=job-name=ours', '--output=name').includes('pod/ours-'),
    );
    expect(kubectl('get', 'replicasets', '--output=name')).toBe('');
    // No kubelet here: the pod ends because we say so, then the job is complete, and then it is
    // deleted; that it goes is for the garbage collector, who is not among the chosen.
    const done = '--patch={"status":{"phase":"Succeeded"}}';
    const [name] = kubectl(
      'get',
      'pods',
      '--selector=job-name=ours',
      '--output=jsonpath={.items[*].metadata.name}',
    ).split(' ');
    kubectl('patch', 'pod', name!, '--subresource=status', '--type=merge', done);
    const deletedAt = '--output=jsonpath={.metadata.deletionTimestamp}';
    await eventually('the job is deleted', 30_000, async () => kubectl('get', 'job', 'ours', deletedAt) !== '');
    await eventually('the cron job has made a job', 30_000, async () =>
      kubectl('get', 'jobs', '--output=name').includes('job.batch/hourly-'),
    );
    await stop(manager);
  });

  it.each(['control-plane', 'apiserver'])(
    '%s: an apiserver starts with its flags and serves',
    { timeout: 60_000 },
    async (name) => {
      const flags = flagsOf(parseManifests(renderKustomize(name)), 'apiserver');
      const port = await freePort();
      const places = { '/pki/pki/': `${host.pki.dir}/pki/` };
      // etcd is not reached over TLS here; that is tested in tests/chaos.
      const etcd = [`--etcd-servers=${host.etcd.endpoint}`, `--etcd-prefix=/${name}`];
      const own = flags.filter((flag) => !/^--etcd-|^--secure-port|^--shutdown-delay/.test(flag));
      const apiserver = start('apiserver', own, places, `--secure-port=${port}`, '--bind-address=127.0.0.1', ...etcd);
      await eventually(
        'it is ready',
        30_000,
        async () => kubectl(`--server=https://127.0.0.1:${port}`, 'get', '--raw', '/readyz') === 'ok',
      );
      await stop(apiserver);
    },
  );
});
