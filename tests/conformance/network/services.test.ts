import { expect } from 'vitest';
import { eventually, story } from '../story.ts';
import type { Json } from '../api.ts';
import { pod } from '../apps/workloads.ts';

const service = (name: string, spec: Json): Json => ({ metadata: { name, labels: { told: name } }, spec });
const HTTP = [{ name: 'http', port: 80, protocol: 'TCP', targetPort: 9376 }];

story('a service changes its type and back', async ({ api, in: within }) => {
  const path = `${within()}/services`;
  await api.create(path, service('s', { type: 'ExternalName', externalName: 'foo.example.com' }));
  const cluster = await api.update(`${path}/s`, ({ spec }) =>
    Object.assign(spec, { type: 'ClusterIP', externalName: undefined, ports: HTTP }),
  );
  expect(cluster.spec.clusterIP).toMatch(/^\d/);
  const name = (current: Json): void =>
    void Object.assign(current.spec, {
      type: 'ExternalName',
      externalName: 'foo.example.com',
      clusterIP: '',
      clusterIPs: undefined,
    });
  expect((await api.update(`${path}/s`, name)).spec.clusterIP).toBeUndefined();
  const nodePort = await api.update(`${path}/s`, ({ spec }) =>
    Object.assign(spec, { type: 'NodePort', externalName: '', ports: HTTP }),
  );
  expect(nodePort.spec.ports[0].nodePort).toBeGreaterThanOrEqual(30_000);
  const external = await api.update(`${path}/s`, name);
  expect(external.spec).toMatchObject({ type: 'ExternalName', externalName: 'foo.example.com' });
  expect(external.spec.ports?.[0]?.nodePort).toBeFalsy();
});

story('session affinity of a service is switched', async ({ api, in: within }) => {
  const path = `${within()}/services`;
  expect(
    (await api.create(path, service('s', { ports: HTTP, sessionAffinity: 'ClientIP' }))).spec.sessionAffinityConfig,
  ).toEqual({ clientIP: { timeoutSeconds: 10800 } });
  const none = await api.update(`${path}/s`, ({ spec }) =>
    Object.assign(spec, { sessionAffinity: 'None', sessionAffinityConfig: undefined }),
  );
  expect(none.spec.sessionAffinityConfig).toBeUndefined();
});

story('the status of a service goes through its life', async ({ api, in: within, after }) => {
  const path = `${within()}/services`;
  const watch = api.watch(`${path}?labelSelector=told%3Ds`);
  after(() => watch.close());
  await api.create(
    path,
    service('s', { type: 'LoadBalancer', ports: HTTP, loadBalancerClass: 'example.com/internal-vip' }),
  );
  await watch.type('ADDED');
  expect((await api.get(`${path}/s/status`)).status.loadBalancer).toEqual({});
  const loadBalancer = { ingress: [{ ip: '203.0.113.1', ipMode: 'VIP' }] };
  const patched = await api.patch(`${path}/s/status`, 'merge', {
    metadata: { annotations: { patchedstatus: 'true' } },
    status: { loadBalancer },
  });
  expect(patched.status.loadBalancer).toEqual(loadBalancer);
  await watch.type('MODIFIED', ({ metadata }) => metadata.annotations?.patchedstatus === 'true');
  const condition = { type: 'StatusUpdate', status: 'True', reason: 'E2E', message: 'Set from e2e test' };
  const updated = await api.update(`${path}/s`, ({ status }) => (status.conditions = [condition]), '/status');
  expect(updated.status.conditions).toContainEqual(expect.objectContaining(condition));
  await api.patch(`${path}/s`, 'strategic', { metadata: { labels: { patched: 'yes' } } });
  await watch.type('MODIFIED', ({ metadata }) => metadata.labels.patched === 'yes');
  await api.delete(`${path}/s`);
  await watch.type('DELETED');
});

story('services are deleted as a collection', async ({ api, in: within }) => {
  const path = `${within()}/services`;
  for (const name of ['a', 'b', 'c']) await api.create(path, service(name, { ports: HTTP }));
  await api.delete(`${path}?labelSelector=told%20in%20(a,b)`);
  expect((await api.get(path)).items.map((item: Json) => item.metadata.name)).toEqual(['c']);
});

story('endpoints and slices follow the pods of a service', async ({ api, in: within }) => {
  await api.create(
    `${within()}/services`,
    service('s', {
      selector: { app: 's' },
      ports: [...HTTP, { name: 'dns', port: 53, protocol: 'UDP', targetPort: 'named' }],
    }),
  );
  const slices = `${within('discovery.k8s.io/v1')}/endpointslices?labelSelector=kubernetes.io%2Fservice-name%3Ds`;
  await eventually(async () => expect((await api.get(`${within()}/endpoints/s`)).subsets ?? []).toEqual([]));
  const containers = [{ name: 'c', image: 'pause', ports: [{ name: 'named', containerPort: 5353, protocol: 'UDP' }] }];
  const backend = { ...pod('backend', '', { containers }), metadata: { name: 'backend', labels: { app: 's' } } };
  await api.create(`${within()}/pods`, backend);
  await eventually(async () => {
    const { subsets } = await api.get(`${within()}/endpoints/s`);
    const { status } = await api.get(`${within()}/pods/backend`);
    expect(subsets[0].addresses[0]).toMatchObject({ ip: status.podIP, targetRef: { kind: 'Pod', name: 'backend' } });
    expect(subsets[0].ports).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ name: 'dns', port: 5353 }),
        expect.objectContaining({ name: 'http', port: 9376 }),
      ]),
    );
    const { items } = await api.get(slices);
    expect(items[0].endpoints[0]).toMatchObject({
      addresses: [status.podIP],
      conditions: { ready: true },
      nodeName: expect.any(String),
    });
    expect(items[0].ports).toHaveLength(2);
    expect(items[0].metadata.labels['endpointslice.kubernetes.io/managed-by']).toBe('endpointslice-controller.k8s.io');
  });
  await api.delete(`${within()}/services/s`);
  await eventually(async () => {
    expect((await api.send('GET', `${within()}/endpoints/s`)).code).toBe(404);
    expect((await api.get(slices)).items).toEqual([]);
  });
});

story('endpoints without a selector are mirrored into slices', async ({ api, in: within }) => {
  const endpoints = `${within()}/endpoints`;
  const slices = `${within('discovery.k8s.io/v1')}/endpointslices?labelSelector=kubernetes.io%2Fservice-name%3Dcustom`;
  await api.create(
    `${within()}/services`,
    service('custom', { ports: [{ name: 'example', port: 80, protocol: 'TCP' }] }),
  );
  await api.create(endpoints, {
    metadata: { name: 'custom' },
    subsets: [{ ports: [{ port: 80 }], addresses: [{ ip: '10.1.2.3' }] }],
  });
  const mirrored = (address: string, port: number): Promise<void> =>
    eventually(async () => {
      const { items } = await api.get(slices);
      expect(items).toHaveLength(1);
      expect(items[0].endpoints[0].addresses).toEqual([address]);
      expect(items[0].ports[0].port).toBe(port);
      expect(items[0].metadata.labels['endpointslice.kubernetes.io/managed-by']).toBe(
        'endpointslicemirroring-controller.k8s.io',
      );
    });
  await mirrored('10.1.2.3', 80);
  await api.update(
    `${endpoints}/custom`,
    (object) => (object.subsets = [{ ports: [{ port: 8080 }], addresses: [{ ip: '10.2.3.4' }] }]),
  );
  await mirrored('10.2.3.4', 8080);
  await api.delete(`${endpoints}/custom`);
  await eventually(async () => expect((await api.get(slices)).items).toEqual([]));
});

story('endpoints go through their life', async ({ api, in: within, unique, after }) => {
  const label = unique('endpoint');
  const path = `${within()}/endpoints`;
  const watch = api.watch(`${path}?labelSelector=told%3D${label}`);
  after(() => watch.close());
  const addresses = [{ ip: '10.0.0.24' }];
  await api.create(path, {
    metadata: { name: 'testservice', labels: { told: label } },
    subsets: [{ addresses, ports: [{ name: 'http', port: 80 }] }],
  });
  await watch.type('ADDED');
  await api.update(`${path}/testservice`, (object) => (object.metadata.labels.updated = 'yes'));
  await watch.type('MODIFIED', ({ metadata }) => metadata.labels.updated === 'yes');
  await api.patch(`${path}/testservice`, 'strategic', {
    metadata: { labels: { patched: 'yes' } },
    subsets: [{ addresses, ports: [{ name: 'http', port: 8080 }] }],
  });
  expect(
    (await watch.type('MODIFIED', ({ metadata }) => metadata.labels.patched === 'yes')).subsets[0].ports[0].port,
  ).toBe(8080);
  expect((await api.get(`/api/v1/endpoints?labelSelector=told%3D${label}`)).items).toHaveLength(1);
  await api.delete(`${path}?labelSelector=told%3D${label}`);
  await watch.type('DELETED');
});
