import { expect } from 'vitest';
import { eventually, refusal, story, type Story } from '../story.ts';
import type { Json } from '../api.ts';
import { pod } from '../apps/workloads.ts';

const POD_RESOURCES = { cpu: '250m', memory: '32Mi' };

function until({ api, in: within }: Story, name: string, check: (pod: Json) => void): Promise<Json> {
  return eventually(async () => {
    const object = await api.get(`${within()}/pods/${name}`);
    check(object);
    return object;
  });
}

const phase = (told: Story, name: string, wanted: string): Promise<Json> =>
  until(told, name, ({ status }) => expect(status.phase, JSON.stringify(status)).toBe(wanted));

async function logOf(told: Story, object: Json): Promise<string> {
  await told.api.create(`${told.in()}/pods`, object);
  await phase(told, object.metadata.name, 'Succeeded');
  return (await told.api.send('GET', `${told.in()}/pods/${object.metadata.name}/log`)).text;
}

story('a pod is submitted, watched and removed', async (told) => {
  const { api } = told;
  const path = `${told.in()}/pods`;
  const watch = api.watch(`${path}?labelSelector=name%3Dp`);
  told.after(() => watch.close());
  await api.create(path, pod('p', 'sleep 1000'));
  await watch.type('ADDED');
  await phase(told, 'p', 'Running');
  await api.delete(`${path}/p?gracePeriodSeconds=1`);
  const last = await watch.type('DELETED');
  expect(last.metadata.deletionTimestamp).toBeTruthy();
});

story('a pod is updated, its deadline shortened, and its generation counted', async (told) => {
  const path = `${told.in()}/pods/p`;
  await told.api.create(`${told.in()}/pods`, pod('p', 'sleep 1000'));
  await phase(told, 'p', 'Running');
  const { metadata } = await told.api.get(path);
  await told.api.update(path, (object) => (object.metadata.labels.time = 'later'));
  const updated = await told.api.update(path, (object) => (object.spec.activeDeadlineSeconds = 2));
  expect(updated.metadata.generation).toBe(metadata.generation + 1);
  await until(told, 'p', ({ status }) => expect(status).toMatchObject({ phase: 'Failed', reason: 'DeadlineExceeded' }));
});

story('pods have addresses, and their quality of service', async (told) => {
  const containers = [{ name: 'c', image: 'pause', resources: { requests: POD_RESOURCES, limits: POD_RESOURCES } }];
  const created = await told.api.create(`${told.in()}/pods`, pod('p', '', { containers }));
  expect(created.status.qosClass).toBe('Guaranteed');
  await until(told, 'p', ({ status }) => {
    expect(status.hostIP).toBeTruthy();
    expect(status.hostIPs).toEqual([{ ip: status.hostIP }]);
    expect(status.podIPs).toEqual([{ ip: status.podIP }]);
  });
});

story('pods are deleted as a collection', async ({ api, in: within }) => {
  const path = `${within()}/pods`;
  for (const name of ['a', 'b', 'c'])
    await api.create(path, { ...pod(name, 'sleep 1000'), metadata: { name, labels: { type: 'Testing' } } });
  await api.delete(`${path}?labelSelector=type%3DTesting`, { gracePeriodSeconds: 0 });
  await eventually(async () => expect((await api.get(path)).items).toEqual([]));
});

story('the status of a pod is patched and replaced', async (told) => {
  const path = `${told.in()}/pods/p`;
  await told.api.create(`${told.in()}/pods`, pod('p', 'sleep 1000'));
  await phase(told, 'p', 'Running');
  const patched = await told.api.patch(`${path}/status`, 'strategic', {
    status: { message: 'Patched by e2e test', reason: 'E2E' },
  });
  expect(patched.status).toMatchObject({ message: 'Patched by e2e test', reason: 'E2E', phase: 'Running' });
  const conditions = [{ type: 'Ready', status: 'False' }];
  expect(
    (await told.api.patch(`${path}/status`, 'strategic', { status: { conditions } })).status.conditions,
  ).toContainEqual(expect.objectContaining(conditions[0]!));
});

story('a pod sees services in its environment', async (told) => {
  await told.api.create(`${told.in()}/services`, {
    metadata: { name: 'fooservice' },
    spec: { selector: { a: 'b' }, ports: [{ port: 8765, targetPort: 8080 }] },
  });
  const { spec } = await told.api.get(`${told.in()}/services/fooservice`);
  const log = await eventually(async () => {
    const name = told.unique('env');
    const text = await logOf(told, pod(name, 'env'));
    expect(text).toContain('FOOSERVICE_SERVICE_HOST=');
    return text;
  });
  expect(log).toContain(`FOOSERVICE_SERVICE_HOST=${spec.clusterIP}`);
  expect(log).toContain('FOOSERVICE_SERVICE_PORT=8765');
  expect(log).toContain(`FOOSERVICE_PORT=tcp://${spec.clusterIP}:8765`);
  expect(log).toContain('FOOSERVICE_PORT_8765_TCP_PROTO=tcp');
});

story('environments come from config maps, secrets, fields and resources', async (told) => {
  await told.api.create(`${told.in()}/configmaps`, {
    metadata: { name: 'cm' },
    data: { data_1: 'value-1', 'data-2': 'value-2' },
  });
  await told.api.create(`${told.in()}/secrets`, { metadata: { name: 's' }, stringData: { 'data-1': 'secret-1' } });
  const field = (fieldPath: string): Json => ({ fieldRef: { fieldPath } });
  const env = [
    { name: 'CONFIG_DATA_1', valueFrom: { configMapKeyRef: { name: 'cm', key: 'data_1' } } },
    { name: 'SECRET_DATA', valueFrom: { secretKeyRef: { name: 's', key: 'data-1' } } },
    { name: 'POD_NAME', valueFrom: field('metadata.name') },
    { name: 'POD_NAMESPACE', valueFrom: field('metadata.namespace') },
    { name: 'POD_IP', valueFrom: field('status.podIP') },
    { name: 'HOST_IP', valueFrom: field('status.hostIP') },
    { name: 'HOST_IPS', valueFrom: field('status.hostIPs') },
    { name: 'POD_UID', valueFrom: field('metadata.uid') },
    { name: 'CPU_LIMIT', valueFrom: { resourceFieldRef: { resource: 'limits.cpu' } } },
    { name: 'MEMORY_REQUEST', valueFrom: { resourceFieldRef: { resource: 'requests.memory' } } },
    { name: 'FOO', value: 'foo-value' },
    { name: 'FOOBAR', value: '$(FOO);;$(BAR);;$$(FOO)' },
  ];
  const envFrom = [
    { configMapRef: { name: 'cm' } },
    { prefix: 'p-', configMapRef: { name: 'cm' } },
    { prefix: 'K-', secretRef: { name: 's', optional: true } },
  ];
  const containers = [
    {
      name: 'c',
      image: 'busybox',
      command: ['sh', '-c', 'env'],
      env,
      envFrom,
      resources: { requests: { memory: '32Mi' }, limits: { cpu: '1250m', memory: '64Mi' } },
    },
  ];
  const created = { ...pod('env', '', { containers }) };
  const log = await logOf(told, created);
  const { metadata, status } = await told.api.get(`${told.in()}/pods/env`);
  for (const line of [
    'CONFIG_DATA_1=value-1',
    'SECRET_DATA=secret-1',
    'POD_NAME=env',
    `POD_NAMESPACE=${told.ns}`,
    `POD_IP=${status.podIP}`,
    `HOST_IP=${status.hostIP}`,
    `HOST_IPS=${status.hostIP}`,
    `POD_UID=${metadata.uid}`,
    'CPU_LIMIT=2',
    'MEMORY_REQUEST=33554432',
    'FOOBAR=foo-value;;$(BAR);;$(FOO)',
    'data_1=value-1',
    'data-2=value-2',
    'p-data_1=value-1',
    'K-data-1=secret-1',
  ])
    expect(log).toContain(line);
});

story('volumes hold config maps, secrets and downward fields, with their paths', async (told) => {
  await told.api.create(`${told.in()}/configmaps`, {
    metadata: { name: 'cm' },
    data: { 'data-1': 'value-1' },
    binaryData: { dump: Buffer.from('bytes').toString('base64') },
  });
  await told.api.create(`${told.in()}/secrets`, { metadata: { name: 's' }, stringData: { 'data-1': 'secret-1' } });
  const sources = [
    { configMap: { name: 'cm', items: [{ key: 'data-1', path: 'path/to/data' }] } },
    { secret: { name: 's' } },
    {
      downwardAPI: {
        items: [
          { path: 'podname', fieldRef: { fieldPath: 'metadata.name' } },
          { path: 'labels', fieldRef: { fieldPath: 'metadata.labels' } },
        ],
      },
    },
  ];
  const volumes = [
    { name: 'all', projected: { sources } },
    { name: 'cm', configMap: { name: 'cm' } },
    { name: 'none', configMap: { name: 'absent', optional: true } },
  ];
  const volumeMounts = [
    { name: 'all', mountPath: '/all' },
    { name: 'cm', mountPath: '/cm' },
    { name: 'cm', mountPath: '/one', subPath: 'data-1' },
    { name: 'none', mountPath: '/none' },
  ];
  const command =
    'cat /all/path/to/data; echo; cat /all/data-1; echo; cat /all/podname; echo; cat /all/labels; echo; cat /cm/dump; echo; cat /one';
  const containers = [{ name: 'c', image: 'busybox', command: ['sh', '-c', command], volumeMounts }];
  const log = await logOf(told, pod('vol', '', { containers, volumes }));
  expect(log.split('\n')).toEqual(['value-1', 'secret-1', 'vol', 'name="vol"', 'bytes', 'value-1']);
});

story('init containers run in order, and a failing one keeps the pod from starting', async (told) => {
  const init = (name: string, command: string): Json => ({ name, image: 'busybox', command: ['sh', '-c', command] });
  await told.api.create(
    `${told.in()}/pods`,
    pod('never', 'exit 0', { initContainers: [init('init1', 'exit 0'), init('init2', 'exit 0')] }),
  );
  const ok = await phase(told, 'never', 'Succeeded');
  expect(ok.status.initContainerStatuses.map((each: Json) => each.state.terminated.exitCode)).toEqual([0, 0]);
  await told.api.create(
    `${told.in()}/pods`,
    pod('fails', 'exit 0', { initContainers: [init('init1', 'exit 0'), init('init2', 'exit 1')] }),
  );
  const failed = await phase(told, 'fails', 'Failed');
  expect(failed.status.containerStatuses[0].state.waiting.reason).toBe('PodInitializing');
  await told.api.create(
    `${told.in()}/pods`,
    pod('always', 'sleep 1000', {
      restartPolicy: 'Always',
      initContainers: [init('init1', 'exit 1'), init('init2', 'exit 0')],
    }),
  );
  const retried = await until(told, 'always', ({ status }) =>
    expect(status.initContainerStatuses?.[0].restartCount).toBeGreaterThanOrEqual(1),
  );
  expect(retried.status.phase).toBe('Pending');
  expect(retried.status.conditions).toContainEqual(
    expect.objectContaining({ type: 'Initialized', status: 'False', reason: 'ContainersNotInitialized' }),
  );
});

story('containers end with their status, reason and termination message', async (told) => {
  await told.api.create(`${told.in()}/pods`, pod('bad', 'echo -n DONE > /dev/termination-log; exit 1'));
  const failed = await phase(told, 'bad', 'Failed');
  expect(failed.status.containerStatuses[0].state.terminated).toMatchObject({
    exitCode: 1,
    reason: 'Error',
    message: 'DONE',
  });
  const containers = [
    {
      name: 'c',
      image: 'busybox',
      command: ['sh', '-c', 'echo -n FROMLOG; exit 1'],
      terminationMessagePolicy: 'FallbackToLogsOnError',
    },
  ];
  await told.api.create(`${told.in()}/pods`, pod('log', '', { containers }));
  expect((await phase(told, 'log', 'Failed')).status.containerStatuses[0].state.terminated.message).toBe('FROMLOG');
  await told.api.create(`${told.in()}/pods`, pod('often', 'exit 1', { restartPolicy: 'OnFailure' }));
  await until(told, 'often', ({ status }) =>
    expect(status.containerStatuses?.[0].restartCount).toBeGreaterThanOrEqual(1),
  );
});

story('ephemeral containers are added to a running pod', async (told) => {
  const path = `${told.in()}/pods/p`;
  await told.api.create(`${told.in()}/pods`, pod('p', 'sleep 1000'));
  await phase(told, 'p', 'Running');
  const ephemeralContainers = [
    {
      name: 'debugger',
      image: 'busybox',
      command: ['sh', '-c', 'echo polo; sleep 1000'],
      targetContainerName: 'main',
      terminationMessagePolicy: 'File',
    },
  ];
  await told.api.patch(`${path}/ephemeralcontainers`, 'strategic', { spec: { ephemeralContainers } });
  await until(told, 'p', ({ status }) => expect(status.ephemeralContainerStatuses?.[0].state.running).toBeTruthy());
  await eventually(async () =>
    expect((await told.api.send('GET', `${path}/log?container=debugger`)).text).toContain('polo'),
  );
  expect(
    (
      await refusal(
        told.api.patch(path, 'strategic', {
          spec: { ephemeralContainers: [{ ...ephemeralContainers[0], name: 'x' }] },
        }),
      )
    ).code,
  ).toBe(422);
});

story('a pod is resized in place', async (told) => {
  const path = `${told.in()}/pods/p`;
  const containers = [
    {
      name: 'c',
      image: 'busybox',
      command: ['sleep', '1000'],
      resources: { requests: POD_RESOURCES, limits: { cpu: '500m', memory: '64Mi' } },
    },
  ];
  await told.api.create(`${told.in()}/pods`, pod('p', '', { containers }));
  await phase(told, 'p', 'Running');
  const resources = { requests: { cpu: '300m', memory: '40Mi' }, limits: { cpu: '600m', memory: '80Mi' } };
  await told.api.patch(`${path}/resize`, 'strategic', { spec: { containers: [{ name: 'c', resources }] } });
  await until(told, 'p', ({ status }) => {
    expect(status.containerStatuses[0].resources).toMatchObject(resources);
    expect(status.containerStatuses[0].allocatedResources).toMatchObject(resources.requests);
    expect(status.conditions.filter(({ type }: Json) => type.startsWith('PodResize'))).toEqual([]);
  });
});

story('a resize that the node can not grant says so and changes nothing', async (told) => {
  const path = `${told.in()}/pods/p`;
  const resources = { requests: POD_RESOURCES, limits: POD_RESOURCES };
  const containers = [{ name: 'c', image: 'busybox', command: ['sleep', '1000'], resources }];
  await told.api.create(`${told.in()}/pods`, pod('p', '', { containers }));
  await phase(told, 'p', 'Running');
  const huge = { requests: { cpu: '5000' }, limits: { cpu: '5000' } };
  const request = { spec: { containers: [{ name: 'c', resources: huge }] } };
  const { metadata } = await told.api.patch(`${path}/resize`, 'strategic', request);
  await until(told, 'p', ({ status }) => {
    const condition = status.conditions.find(({ type }: Json) => type === 'PodResizePending');
    expect(condition).toMatchObject({ status: 'True', reason: 'Infeasible', observedGeneration: metadata.generation });
    expect(status.containerStatuses[0]).toMatchObject({ restartCount: 0, resources });
  });
});

story('probes restart a container that is not alive', async (told) => {
  const probe = (command: string[]): Json => ({
    exec: { command },
    initialDelaySeconds: 1,
    periodSeconds: 1,
    failureThreshold: 1,
  });
  const containers = [
    { name: 'c', image: 'busybox', command: ['sh', '-c', 'sleep 1000'], livenessProbe: probe(['cat', '/tmp/health']) },
  ];
  await told.api.create(`${told.in()}/pods`, pod('dies', '', { restartPolicy: 'Always', containers }));
  await until(told, 'dies', ({ status }) =>
    expect(status.containerStatuses?.[0].restartCount).toBeGreaterThanOrEqual(1),
  );
  const never = [
    { name: 'c', image: 'busybox', command: ['sh', '-c', 'sleep 1000'], readinessProbe: probe(['false']) },
  ];
  await told.api.create(`${told.in()}/pods`, pod('unready', '', { containers: never }));
  const unready = await phase(told, 'unready', 'Running');
  expect(unready.status.conditions).toContainEqual(expect.objectContaining({ type: 'Ready', status: 'False' }));
});

story('a runtime class sets overhead, and one that does not exist is refused', async (told) => {
  const name = told.unique('rc');
  told.after(() => told.api.send('DELETE', `/apis/node.k8s.io/v1/runtimeclasses/${name}`));
  await told.api.create('/apis/node.k8s.io/v1/runtimeclasses', {
    metadata: { name },
    handler: 'test-handler',
    overhead: { podFixed: { cpu: '10m', memory: '1Mi' } },
  });
  const created = await eventually(() =>
    told.api.create(`${told.in()}/pods`, pod('p', 'sleep 1000', { runtimeClassName: name })),
  );
  expect(created.spec.overhead).toEqual({ cpu: '10m', memory: '1Mi' });
  expect(
    (await refusal(told.api.create(`${told.in()}/pods`, pod('q', 'true', { runtimeClassName: 'nonexistent-rc' }))))
      .code,
  ).toBe(403);
});

story('a pod whose runtime class has gone is refused', async (told) => {
  const path = '/apis/node.k8s.io/v1/runtimeclasses';
  const name = told.unique('rc');
  await told.api.create(path, { metadata: { name }, handler: 'test-handler' });
  await eventually(() => told.api.create(`${told.in()}/pods`, pod('p', 'sleep 1000', { runtimeClassName: name })));
  await told.api.delete(`${path}/${name}`);
  const again = (): Promise<Json> =>
    told.api.create(`${told.in()}/pods`, pod(told.unique('q'), 'true', { runtimeClassName: name }));
  await eventually(async () =>
    expect((await refusal(again())).body.message).toContain(`RuntimeClass "${name}" not found`),
  );
});

story('a sidecar starts before the container, outlasts it, and does not keep the pod from ending', async (told) => {
  const sidecar = {
    ...{ name: 'sidecar', image: 'busybox', restartPolicy: 'Always' },
    command: ['sh', '-c', 'echo started; sleep 10000'],
  };
  const after = { name: 'after', image: 'busybox', command: ['sh', '-c', 'exit 0'] };
  await told.api.create(`${told.in()}/pods`, pod('p', 'sleep 1', { initContainers: [sidecar, after] }));
  const { status } = await phase(told, 'p', 'Succeeded');
  const [first, second] = status.initContainerStatuses;
  expect(second.state.terminated.exitCode).toBe(0);
  const main = status.containerStatuses[0].state.terminated;
  expect(Date.parse(first.state.terminated.finishedAt)).toBeGreaterThanOrEqual(Date.parse(main.finishedAt));
  expect(Date.parse(first.state.terminated.startedAt)).toBeLessThanOrEqual(Date.parse(main.startedAt));
});

story('invalid sysctls are refused', async (told) => {
  const sysctls = [
    { name: 'foo-', value: 'bar' },
    { name: 'kernel.shmmax', value: '100000000' },
    { name: 'safe-and-unsafe', value: '1' },
    { name: 'bar..', value: '42' },
  ];
  const { body } = await refusal(
    told.api.create(`${told.in()}/pods`, pod('p', 'true', { securityContext: { sysctls } })),
  );
  expect(body.message).toContain('spec.securityContext.sysctls[0].name: Invalid value: "foo-"');
  expect(body.message).toContain('"bar.."');
  expect(body.message).not.toContain('kernel.shmmax');
});

story(
  'config maps and secrets with empty keys are refused, and immutable ones do not change',
  async ({ api, in: within }) => {
    for (const [resource, value] of [
      ['configmaps', 'x'],
      ['secrets', 'eA=='],
    ] as const) {
      const path = `${within()}/${resource}`;
      expect((await refusal(api.create(path, { metadata: { name: 'empty' }, data: { '': value } }))).code).toBe(422);
      await api.create(path, { metadata: { name: 'i' }, data: { a: value }, immutable: true });
      const { body } = await refusal(api.patch(`${path}/i`, 'merge', { data: { a: null, b: value } }));
      expect(body.message).toContain('field is immutable when `immutable` is set');
      await api.patch(`${path}/i`, 'merge', { metadata: { labels: { fine: 'yes' } } });
      await api.delete(`${path}/i`);
    }
  },
);

story('exec and logs work over plain requests and kubectl', async (told) => {
  await told.api.create(`${told.in()}/pods`, pod('p', 'echo container is alive; sleep 1000'));
  await phase(told, 'p', 'Running');
  expect(await told.kubectl('exec p -- echo remote execution test')).toBe('remote execution test');
  expect(await told.kubectl('logs p')).toBe('container is alive');
  expect(await told.kubectl('exec p -- cat /etc/hosts')).toContain('# Kubernetes-managed hosts file.');
});
