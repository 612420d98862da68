import { expect } from 'vitest';
import { eventually, refusal, story } from '../story.ts';
import type { Json } from '../api.ts';

const NETWORKING = '/apis/networking.k8s.io/v1';
const CIDRS = `${NETWORKING}/servicecidrs`;

/** https://kubernetes.io/docs/tasks/network/extend-service-ip-ranges/ */
story('a further range of cluster IPs is used, and stays until no service needs it', async (told) => {
  const { api, in: within, unique, after } = told;
  const name = unique('range');
  const services = `${within()}/services`;
  const service = (suffix: string, clusterIP: string) => ({
    metadata: { name: `web-${suffix}` },
    spec: { clusterIP, ports: [{ port: 80 }] },
  });
  const early = await refusal(api.create(services, service('a', '198.51.100.7')));
  expect(early.body.message).toContain(
    'failed to allocate IP 198.51.100.7: the provided network does not match the current range',
  );

  await api.create(CIDRS, { metadata: { name }, spec: { cidrs: ['198.51.100.0/24'] } });
  after(() => api.send('DELETE', `${CIDRS}/${name}`));
  await eventually(async () => {
    const { metadata, status } = await api.get(`${CIDRS}/${name}`);
    expect(metadata.finalizers).toEqual(['networking.k8s.io/service-cidr-finalizer']);
    expect(status.conditions).toMatchObject([
      { type: 'Ready', status: 'True', message: 'Kubernetes Service CIDR is ready' },
    ]);
  });
  await eventually(() => api.create(services, service('a', '198.51.100.7')));

  await api.delete(`${CIDRS}/${name}`);
  await eventually(async () => {
    const { status } = await api.get(`${CIDRS}/${name}`);
    expect(status.conditions).toMatchObject([{ type: 'Ready', status: 'False', reason: 'Terminating' }]);
  });
  const late = await refusal(api.create(services, service('b', '198.51.100.8')));
  expect(late.code).toBe(422);
  await api.delete(`${services}/web-a`);
  await eventually(async () => expect((await api.send('GET', `${CIDRS}/${name}`)).code).toBe(404));
});

story('the ranges of the cluster cannot be changed', async ({ api }) => {
  const { spec } = await api.get(`${NETWORKING}/servicecidrs/kubernetes`);
  expect(spec.cidrs.length).toBeGreaterThan(0);
  const changed = await refusal(
    api.update(`${NETWORKING}/servicecidrs/kubernetes`, (range: Json) => (range.spec.cidrs = ['198.18.9.0/24'])),
  );
  expect(changed.code).toBe(422);
  expect(changed.body.message).toContain('field is immutable');
});

story('a service is found among those of all namespaces', async ({ api, ns, in: within, unique }) => {
  const label = unique('told');
  await api.create(`${within()}/services`, {
    metadata: { name: 'test-service', labels: { told: label } },
    spec: { ports: [{ port: 80 }] },
  });
  const { items } = await api.get(`/api/v1/services?labelSelector=told%3D${label}`);
  expect(items.map(({ metadata }: Json) => `${metadata.namespace}/${metadata.name}`)).toEqual([`${ns}/test-service`]);
});
