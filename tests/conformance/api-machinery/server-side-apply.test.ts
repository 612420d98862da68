import { expect } from 'vitest';
import { refusal, story, type Story } from '../story.ts';
import { deploymentOf } from '../apps/workloads.ts';
import type { Json } from '../api.ts';
import { customResourceDefinition, established } from './custom-resources.ts';

const CONFIG_MAP = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'applied' } };
const configMaps = (told: Story): string => `${told.in()}/configmaps`;

/** Applies an object to where its name says, as this manager. */
const apply = (told: Story, collection: string, object: Json, manager: string, force = false): Promise<Json> =>
  told.api.patch(`${collection}/${object.metadata.name}?fieldManager=${manager}&force=${force}`, 'apply', object);

const managers = (object: Json): string[] =>
  object.metadata.managedFields.map((entry: Json) => `${entry.manager} ${entry.operation}`).toSorted();

story('what is applied and does not exist is created', async (told) => {
  for (const [collection, object] of [
    [configMaps(told), { ...CONFIG_MAP, data: { key: 'value' } }],
    [`${told.in('apps/v1')}/deployments`, { apiVersion: 'apps/v1', kind: 'Deployment', ...deploymentOf('applied', 0) }],
  ] as const) {
    const path = `${collection}/applied?fieldManager=one`;
    const headers = { 'content-type': 'application/apply-patch+yaml' };
    expect((await told.api.send('PATCH', path, object, headers)).code).toBe(201);
    const again = await told.api.send('PATCH', path, object, headers);
    expect(again.code).toBe(200);
    expect(managers(again.body).slice(-1)).toEqual(['one Apply']);
  }
});

story('a status is applied through its subresource, and owned apart', async (told) => {
  const { ns, api } = told;
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'applied' },
    spec: { nodeName: 'nowhere', containers: [{ name: 'c', image: 'pause' }] },
  };
  await apply(told, `${told.in()}/pods`, pod, 'one');
  const condition = { type: 'MyStatus', status: 'True' };
  const status = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'applied' }, status: { conditions: [condition] } };
  const path = `/api/v1/namespaces/${ns}/pods/applied/status?fieldManager=two`;
  const applied = await api.patch(path, 'apply', status);
  expect(applied.status.conditions).toContainEqual(expect.objectContaining(condition));
  expect(applied.metadata.managedFields).toContainEqual(
    expect.objectContaining({ manager: 'two', operation: 'Apply', subresource: 'status' }),
  );
  expect(applied.spec.nodeName).toBe('nowhere');
  await api.delete(`${told.in()}/pods/applied?gracePeriodSeconds=0`);
});

story('a field that its last applier leaves out goes, and one that another owns stays', async (told) => {
  const collection = configMaps(told);
  await apply(told, collection, { ...CONFIG_MAP, data: { mine: '1', ours: '1' } }, 'one');
  await apply(told, collection, { ...CONFIG_MAP, data: { ours: '1' } }, 'two');
  expect((await apply(told, collection, CONFIG_MAP, 'one')).data).toEqual({ ours: '1' });
  expect((await apply(told, collection, CONFIG_MAP, 'two')).data).toBeUndefined();
});

story('an applier that wants another value than the owner is told of the conflict, unless it forces', async (told) => {
  const collection = configMaps(told);
  await apply(told, collection, { ...CONFIG_MAP, data: { key: 'one' } }, 'one');
  const theirs = { ...CONFIG_MAP, data: { key: 'two' } };
  const { code, body } = await refusal(apply(told, collection, theirs, 'two'));
  expect([code, body.reason]).toEqual([409, 'Conflict']);
  expect(body.message).toBe('Apply failed with 1 conflict: conflict with "one": .data.key');
  expect(body.details.causes).toEqual([
    { reason: 'FieldManagerConflict', message: 'conflict with "one"', field: '.data.key' },
  ]);
  const forced = await apply(told, collection, theirs, 'two', true);
  expect(forced.data).toEqual({ key: 'two' });
  expect(managers(forced)).not.toContain('one Apply:key');
  expect((await refusal(apply(told, collection, { ...CONFIG_MAP, data: { key: 'x' } }, 'one'))).code).toBe(409);
});

story('an applier gives a field up to a controller', async (told) => {
  const collection = `${told.in('apps/v1')}/deployments`;
  const deployment = { apiVersion: 'apps/v1', kind: 'Deployment', ...deploymentOf('applied', 0) };
  await apply(told, collection, deployment, 'one');
  const scale = await told.api.get(`${collection}/applied/scale`);
  // Without a version: the controller writes the status at the same time.
  const { resourceVersion, ...metadata } = scale.metadata;
  expect(resourceVersion).not.toBe('');
  await told.api.replace(`${collection}/applied/scale?fieldManager=scaler`, {
    ...scale,
    metadata,
    spec: { replicas: 0 },
  });
  await told.api.patch(`${collection}/applied/scale?fieldManager=scaler`, 'merge', { spec: { replicas: 1 } });
  expect((await refusal(apply(told, collection, deployment, 'one'))).body.message).toContain('.spec.replicas');
  const { replicas, ...rest } = deployment.spec;
  expect(replicas).toBe(0);
  expect((await apply(told, collection, { ...deployment, spec: rest }, 'one')).spec.replicas).toBe(1);
});

story('custom resources are applied, their lists merged by their keys', async (told) => {
  const ports = {
    type: 'array',
    'x-kubernetes-list-type': 'map',
    'x-kubernetes-list-map-keys': ['port'],
    items: {
      type: 'object',
      required: ['port'],
      properties: { port: { type: 'integer' }, name: { type: 'string' } },
    },
  };
  const crd = customResourceDefinition(told, {
    schema: { type: 'object', properties: { spec: { type: 'object', properties: { ports } } } },
  });
  await established(told, crd);
  const { group, names } = crd.spec;
  const collection = `${told.in(`${group}/v1`)}/${names.plural}`;
  const resource = (...list: readonly Json[]): Json => ({
    apiVersion: `${group}/v1`,
    kind: names.kind,
    metadata: { name: 'applied' },
    spec: { ports: list },
  });
  await apply(told, collection, resource({ port: 80, name: 'x' }), 'one');
  const both = await apply(told, collection, resource({ port: 443, name: 'y' }), 'two');
  expect(both.spec.ports).toEqual([
    { port: 80, name: 'x' },
    { port: 443, name: 'y' },
  ]);
  const conflict = await refusal(apply(told, collection, resource({ port: 80, name: 'z' }), 'two'));
  expect(conflict.body.message).toContain('.spec.ports[port=80].name');
  expect((await apply(told, collection, resource(), 'one')).spec.ports).toEqual([{ port: 443, name: 'y' }]);
});

story('what kubectl applied in its own way can be applied by the server', async ({ kubectl }) => {
  const manifest = JSON.stringify({ ...CONFIG_MAP, data: { kept: '1', dropped: '1' } });
  await kubectl('apply -f -', manifest);
  await kubectl('apply --server-side -f -', JSON.stringify({ ...CONFIG_MAP, data: { kept: '2' } }));
  expect(await kubectl('get configmap applied -o jsonpath={.data}')).toBe('{"kept":"2"}');
});
