import { expect } from 'vitest';
import { eventually, refusal, story } from '../story.ts';
import type { Json } from '../api.ts';
import { customResourceDefinition, DEFINITIONS, established } from './custom-resources.ts';

story('a definition is created and deleted', async (told) => {
  const crd = customResourceDefinition(told);
  await established(told, crd);
  await told.api.delete(`${DEFINITIONS}/${crd.metadata.name}`);
  await eventually(async () => expect((await told.api.send('GET', `/apis/${crd.spec.group}/v1`)).code).toBe(404));
});

story('definitions are listed and deleted by label', async (told) => {
  const label = told.unique('list');
  const definitions = Array.from({ length: 10 }, () => customResourceDefinition(told));
  await Promise.all(
    definitions.map((crd) => established(told, { ...crd, metadata: { ...crd.metadata, labels: { told: label } } })),
  );
  const selected = `${DEFINITIONS}?labelSelector=told%3D${label}`;
  expect((await told.api.get(selected)).items).toHaveLength(10);
  await told.api.delete(selected);
  await eventually(async () => expect((await told.api.get(selected)).items).toEqual([]));
});

story('the status of a definition is read, updated and patched', async (told) => {
  const crd = customResourceDefinition(told);
  await established(told, crd);
  const path = `${DEFINITIONS}/${crd.metadata.name}`;
  const condition = { type: 'StatusUpdate', status: 'True', reason: 'E2E', message: 'Set from an e2e test' };
  const updated = await told.api.update(path, (object) => object.status.conditions.push(condition), '/status');
  expect(updated.status.conditions).toContainEqual(expect.objectContaining(condition));
  const patched = await told.api.patch(`${path}/status`, 'json', [
    { op: 'add', path: '/status/conditions/-', value: { ...condition, type: 'StatusPatched' } },
  ]);
  expect(patched.status.conditions).toContainEqual(expect.objectContaining({ type: 'StatusPatched' }));
});

story('definitions are in the discovery documents', async ({ api }) => {
  const version = { groupVersion: 'apiextensions.k8s.io/v1', version: 'v1' };
  expect(
    (await api.get('/apis')).groups.find(({ name }: Json) => name === 'apiextensions.k8s.io').versions,
  ).toContainEqual(version);
  expect((await api.get('/apis/apiextensions.k8s.io')).versions).toContainEqual(version);
  expect((await api.get('/apis/apiextensions.k8s.io/v1')).resources.map(({ name }: Json) => name)).toContain(
    'customresourcedefinitions',
  );
});

story('defaults of a custom resource are applied to requests and to what was stored before', async (told) => {
  const { api } = told;
  const schema = (withDefaults: Json): Json => ({
    type: 'object',
    properties: {
      a: { type: 'string', default: 'A' },
      b: { type: 'string', ...withDefaults },
      c: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
    },
  });
  const crd = customResourceDefinition(told, { schema: schema({}) });
  await established(told, crd);
  const path = `${told.in(`${crd.spec.group}/v1`)}/${crd.spec.names.plural}`;
  const created = await api.create(path, {
    apiVersion: `${crd.spec.group}/v1`,
    kind: crd.spec.names.kind,
    metadata: { name: 'cr' },
  });
  expect(created.a).toBe('A');
  expect(created.b).toBeUndefined();
  await api.patch(`${DEFINITIONS}/${crd.metadata.name}`, 'json', [
    { op: 'add', path: '/spec/versions/0/schema/openAPIV3Schema/properties/b/default', value: 'B' },
  ]);
  await eventually(async () => expect(await api.get(`${path}/cr`)).toMatchObject({ a: 'A', b: 'B' }));
  await api.patch(`${DEFINITIONS}/${crd.metadata.name}`, 'json', [
    { op: 'remove', path: '/spec/versions/0/schema/openAPIV3Schema/properties/a/default' },
    { op: 'replace', path: '/spec/versions/0/schema/openAPIV3Schema/properties/b/default', value: 'B2' },
  ]);
  await eventually(async () => expect(await api.get(`${path}/cr`)).toMatchObject({ a: 'A', b: 'B2' }));
  const second = await api.create(path, {
    apiVersion: `${crd.spec.group}/v1`,
    kind: crd.spec.names.kind,
    metadata: { name: 'cr2' },
  });
  expect([second.a, second.b]).toEqual([undefined, 'B2']);
});

story('watches on custom resources tell of each one that is created and deleted', async (told) => {
  const { api } = told;
  const crd = customResourceDefinition(told, { scope: 'Cluster' });
  await established(told, crd);
  const path = `/apis/${crd.spec.group}/v1/${crd.spec.names.plural}`;
  const object = (name: string): Json => ({
    apiVersion: `${crd.spec.group}/v1`,
    kind: crd.spec.names.kind,
    metadata: { name },
  });
  const watches = ['a', 'b'].map((name) => api.watch(`${path}?fieldSelector=metadata.name%3Dname-${name}`));
  told.after(() => watches.forEach((watch) => watch.close()));
  await api.create(path, object('name-a'));
  expect((await watches[0]!.type('ADDED')).metadata.name).toBe('name-a');
  await api.create(path, object('name-b'));
  await watches[1]!.type('ADDED');
  await api.patch(`${path}/name-a`, 'merge', { num: { num1: 2 } });
  expect((await watches[0]!.type('MODIFIED')).num.num1).toBe(2);
  await api.delete(`${path}/name-a`);
  await watches[0]!.type('DELETED');
  await api.delete(`${path}/name-b`);
  await watches[1]!.type('DELETED');
});

story('custom resources are listed, watched and deleted by their selectable fields, in every version', async (told) => {
  const { api } = told;
  const version = (name: string, fields: string[], storage = false): Json => ({
    name,
    storage,
    schema: {
      openAPIV3Schema: {
        // Upstream refuses versions with one schema and several lists of selectable fields: kubernetes/kubernetes#140689.
        description: `Ports of ${name}`,
        type: 'object',
        properties: { hostPort: { type: 'string' }, host: { type: 'string' }, port: { type: 'string' } },
      },
    },
    selectableFields: fields.map((each) => ({ jsonPath: `.${each}` })),
  });
  const crd = customResourceDefinition(told, {
    versions: [version('v1', ['hostPort'], true), version('v2', ['host', 'port'])],
  });
  await established(told, crd);
  const path = (name: string): string => `${told.in(`${crd.spec.group}/${name}`)}/${crd.spec.names.plural}`;
  const object = (name: string, rest: Json): Json => ({
    apiVersion: `${crd.spec.group}/v1`,
    kind: crd.spec.names.kind,
    metadata: { name },
    ...rest,
  });
  const watch = api.watch(`${path('v2')}?fieldSelector=host%3Dhost1,port%3D80`);
  told.after(() => watch.close());
  await api.create(path('v1'), object('a', { hostPort: 'host1:80', host: 'host1', port: '80' }));
  await api.create(path('v1'), object('b', { hostPort: 'host1:8080', host: 'host1', port: '8080' }));
  expect((await watch.type('ADDED')).metadata.name).toBe('a');
  const names = async (query: string): Promise<string[]> =>
    (await api.get(query)).items.map(({ metadata }: Json) => metadata.name);
  expect(await names(`${path('v1')}?fieldSelector=hostPort%3Dhost1:80`)).toEqual(['a']);
  expect(await names(`${path('v2')}?fieldSelector=host%3Dhost1`)).toEqual(['a', 'b']);
  expect((await refusal(api.get(`${path('v1')}?fieldSelector=absent%3Dx`))).code).toBe(400);
  await api.delete(`${path('v2')}?fieldSelector=host%3Dhost1,port%3D80`);
  await watch.type('DELETED', ({ metadata }) => metadata.name === 'a');
  expect(await names(path('v1'))).toEqual(['b']);
});
