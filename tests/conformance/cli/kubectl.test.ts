import { spawn } from 'node:child_process';
import { rm } from 'node:fs/promises';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, inject } from 'vitest';
import { eventually, story } from '../story.ts';

const controller = (name: string, replicas: number): string =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'ReplicationController',
    metadata: { name, labels: { app: name } },
    spec: {
      replicas,
      selector: { app: name },
      template: {
        metadata: { labels: { app: name, role: 'primary' } },
        spec: { containers: [{ name, image: 'agnhost', ports: [{ name: 'redis-server', containerPort: 6379 }] }] },
      },
    },
  });

story('api-versions, version and cluster-info', async ({ kubectl }) => {
  expect((await kubectl('api-versions')).split('\n')).toContain('v1');
  expect(await kubectl('version')).toMatch(/Client Version:[^]*Server Version:/);
  expect(await kubectl('cluster-info')).toMatch(/Kubernetes control plane.*is running at/);
  expect(await kubectl('cluster-info dump')).toContain('"kind": "EventList"');
});

story('describe tells of controllers, pods, services, nodes and namespaces', async ({ kubectl, ns, api }) => {
  await kubectl('create -f -', controller('agnhost-primary', 1));
  await kubectl('expose rc agnhost-primary --port=6379 --target-port=redis-server');
  const described = await eventually(async () => {
    const text = await kubectl('describe rc agnhost-primary');
    expect(text).toMatch(/Pods Status:\s+1 Running/);
    return text;
  });
  for (const wanted of [
    'Name:',
    'Namespace:',
    'Selector:',
    'Labels:',
    'Annotations:',
    'Replicas:',
    'Pod Template:',
    'Image:',
    'Events:',
  ])
    expect(described).toContain(wanted);
  const [node] = (await api.get('/api/v1/nodes')).items.filter(
    ({ status }: { status: { addresses?: unknown[] } }) => status.addresses?.length,
  );
  const pod = await kubectl('describe pods -l app=agnhost-primary');
  for (const wanted of [
    'Status:',
    'Running',
    'Controlled By:',
    'ReplicationController/agnhost-primary',
    'State:',
    'QoS Class:',
  ])
    expect(pod).toContain(wanted);
  const service = await kubectl('describe service agnhost-primary');
  for (const wanted of [
    'Type:',
    'ClusterIP',
    'Port:',
    'TargetPort:',
    'redis-server/TCP',
    'Endpoints:',
    'Session Affinity:',
  ])
    expect(service).toContain(wanted);
  expect(await kubectl(`describe node ${node.metadata.name}`)).toMatch(/Addresses:[^]*Capacity:[^]*System Info:/);
  expect(await kubectl(`describe namespace ${ns}`)).toMatch(/Status:\s+Active/);
});

story('expose, label, patch and scale', async ({ kubectl }) => {
  await kubectl('create -f -', controller('agnhost-primary', 1));
  await kubectl('expose rc agnhost-primary --name=rm2 --port=1234 --target-port=6379');
  await kubectl('expose service rm2 --name=rm3 --port=2345 --target-port=6379');
  expect(await kubectl('get service rm3 -o jsonpath={.spec.ports[0].port}/{.spec.ports[0].targetPort}')).toBe(
    '2345/6379',
  );
  await kubectl('scale rc agnhost-primary --replicas=2 --timeout=1m');
  await eventually(async () =>
    expect((await kubectl('get pods -l app=agnhost-primary -o name')).split('\n')).toHaveLength(2),
  );
  const [first] = (await kubectl('get pods -o name')).split('\n');
  await kubectl(`label ${first} testing-label=testing-label-value`);
  expect(await kubectl(`get ${first} -L testing-label --no-headers`)).toContain('testing-label-value');
  await kubectl(`label ${first} testing-label-`);
  await kubectl(`patch ${first} -p '{"metadata":{"annotations":{"x":"y"}}}'`);
  expect(await kubectl(`get ${first} -o jsonpath={.metadata.annotations.x}`)).toBe('y');
});

story('run, replace and dry-run on the server', async ({ kubectl }) => {
  await kubectl('run e2e-test-pod --restart=Never --image=httpd --labels=run=e2e');
  expect(await kubectl('get pod e2e-test-pod -o jsonpath={.spec.restartPolicy}/{.spec.containers[0].image}')).toBe(
    'Never/httpd',
  );
  const json = (await kubectl('get pod e2e-test-pod -o json')).replaceAll('"image": "httpd"', '"image": "busybox"');
  await kubectl('replace -f -', json);
  expect(await kubectl('get pod e2e-test-pod -o jsonpath={.spec.containers[0].image}')).toBe('busybox');
  await kubectl(
    `patch pod e2e-test-pod --dry-run=server -p '{"spec":{"containers":[{"name":"e2e-test-pod","image":"other"}]}}'`,
  );
  expect(await kubectl('get pod e2e-test-pod -o jsonpath={.spec.containers[0].image}')).toBe('busybox');
});

story('diff finds a difference of deployments', async ({ kubectl }) => {
  const manifest = await kubectl('create deployment d --image=httpd --dry-run=client -o json');
  await kubectl('create -f -', manifest);
  const failed = await kubectl('diff -f -', manifest.replace('"image": "httpd"', '"image": "busybox"')).catch(
    (error: Error & { stdout: string }) => error,
  );
  expect((failed as { stdout: string }).stdout).toMatch(/-\s+- image: httpd\n\+\s+- image: busybox/);
});

story('logs are retrieved and filtered', async ({ kubectl, in: within, api }) => {
  const command = ['sh', '-c', 'for i in 1 2 3 4 5 6 7 8 9 10; do echo line $i; done; sleep 1000'];
  await api.create(`${within()}/pods`, {
    metadata: { name: 'logger' },
    spec: { containers: [{ name: 'c', image: 'busybox', command }] },
  });
  await eventually(async () => expect(await kubectl('logs logger')).toContain('line 10'));
  expect(await kubectl('logs logger c --tail=1')).toBe('line 10');
  expect(await kubectl('logs logger --limit-bytes=4')).toBe('line');
  expect(await kubectl('logs logger --tail=1 --timestamps')).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z line 10$/);
  expect((await kubectl('logs logger --since=24h')).split('\n')).toHaveLength(10);
});

story('proxy serves on any port', async ({ after }) => {
  const child = spawn('kubectl', ['proxy', '-p', '0', '--disable-filter'], {
    env: { ...process.env, KUBECONFIG: inject('kubeconfig') },
  });
  after(() => child.kill());
  const port = await new Promise<string>((resolve) =>
    createInterface({ input: child.stdout }).on('line', (line) => resolve(/:(\d+)$/.exec(line)![1]!)),
  );
  const answer = (await (await fetch(`http://127.0.0.1:${port}/api/`)).json()) as { versions: string[] };
  expect(answer.versions).toContain('v1');
});

story('proxy serves on a Unix socket', async ({ after, unique }) => {
  const path = join(tmpdir(), `${unique('proxy')}.sock`);
  const child = spawn('kubectl', ['proxy', `--unix-socket=${path}`], {
    env: { ...process.env, KUBECONFIG: inject('kubeconfig') },
  });
  after(() => rm(path, { force: true }));
  after(() => child.kill());
  await new Promise<void>((resolve) => createInterface({ input: child.stdout }).once('line', () => resolve()));
  const text = await new Promise<string>((resolve, reject) => {
    const request = http.get({ socketPath: path, path: '/api/', headers: { host: 'localhost' } }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => resolve(Buffer.concat(chunks).toString()));
    });
    request.once('error', reject);
  });
  expect((JSON.parse(text) as { versions: string[] }).versions).toContain('v1');
});

story('the guestbook is created and stopped', async ({ kubectl }) => {
  for (const [name, replicas] of [
    ['agnhost-primary', 1],
    ['agnhost-replica', 2],
    ['frontend', 3],
  ] as const) {
    await kubectl(`create deployment ${name} --image=agnhost --replicas=${replicas} --port=6379`);
    await kubectl(`expose deployment ${name} --port=6379`);
  }
  await kubectl('rollout status deployment/frontend --timeout=60s');
  await kubectl('delete deployment,service --all');
  await eventually(async () => expect(await kubectl('get pods --no-headers')).toBe(''));
});
