import { expect } from 'vitest';
import { eventually, missing, refusal, story } from '../story.ts';
import type { Json } from '../api.ts';

const NETWORKING = '/apis/networking.k8s.io/v1';

missing('services get addresses of a range that was added, which stays as long as they do', async (told) => {
  const { api, unique, after } = told;
  const name = unique('extra');
  const range = `${NETWORKING}/servicecidrs/${name}`;
  after(() => api.send('DELETE', range));
  await api.create(`${NETWORKING}/servicecidrs`, { metadata: { name }, spec: { cidrs: ['198.18.7.0/28'] } });
  await eventually(async () => {
    const { metadata, status } = await api.get(range);
    expect(metadata.finalizers).toEqual(['networking.k8s.io/service-cidr-finalizer']);
    expect(status.conditions).toContainEqual(expect.objectContaining({ type: 'Ready', status: 'True' }));
  });
  const services = `${told.in()}/services`;
  const service = { metadata: { name: 'added' }, spec: { clusterIP: '198.18.7.3', ports: [{ port: 80 }] } };
  await eventually(() => api.create(services, service));
  const address = await api.get(`${NETWORKING}/ipaddresses/198.18.7.3`);
  expect(address.spec.parentRef).toEqual({ group: '', resource: 'services', namespace: told.ns, name: 'added' });
  const taken = await refusal(api.create(services, { ...service, metadata: { name: 'second' } }));
  expect(taken.code).toBe(422);
  expect(taken.body.message).toContain('provided IP is already allocated');

  await api.delete(range);
  await eventually(async () =>
    expect((await api.get(range)).status.conditions).toContainEqual(
      expect.objectContaining({ type: 'Ready', status: 'False', reason: 'Terminating' }),
    ),
  );
  const leaving = { metadata: { name: 'late' }, spec: { clusterIP: '198.18.7.4', ports: [{ port: 80 }] } };
  await eventually(async () => expect((await refusal(api.create(`${services}?dryRun=All`, leaving))).code).toBe(422));
  await api.delete(`${services}/added`);
  await eventually(async () => expect((await api.send('GET', range)).code).toBe(404));
  expect((await api.send('GET', `${NETWORKING}/ipaddresses/198.18.7.3`)).code).toBe(404);
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
