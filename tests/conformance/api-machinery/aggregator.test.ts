import { expect } from 'vitest';
import { apiOperations } from '../api-operations.ts';
import { eventually, refusal, story } from '../story.ts';
import type { Json } from '../api.ts';
import { ExtensionServer } from './extension-server.ts';

const API_SERVICES = '/apis/apiregistration.k8s.io/v1/apiservices';

story('an extension server is registered, used through the aggregator, and forgotten', async (told) => {
  const { api, ns, unique, after, kubectl } = told;
  const group = `${unique('wardle')}.example.com`;
  const extension = await ExtensionServer.start(`${group}/v1`, `sample-api.${ns}.svc`);
  after(() => extension.close());
  await api.create(`${told.in()}/services`, {
    metadata: { name: 'sample-api' },
    spec: { type: 'ExternalName', externalName: 'localhost' },
  });
  const service = `${API_SERVICES}/v1.${group}`;
  after(() => api.send('DELETE', service));
  await api.create(API_SERVICES, {
    metadata: { name: `v1.${group}`, labels: { told: ns } },
    spec: {
      group,
      version: 'v1',
      service: { namespace: ns, name: 'sample-api', port: extension.port },
      caBundle: extension.caBundle,
      groupPriorityMinimum: 2_000,
      versionPriority: 200,
    },
  });
  await eventually(async () =>
    expect((await api.get(service)).status.conditions).toContainEqual(
      expect.objectContaining({ type: 'Available', status: 'True', reason: 'Passed' }),
    ),
  );

  const flunders = `${told.in(`${group}/v1`)}/flunders`;
  const flunder = { apiVersion: `${group}/v1`, kind: 'Flunder', metadata: { name: 'f' } };
  expect((await api.as('jane-doe').send('POST', flunders, flunder)).code).toBe(403);
  expect(extension.users).not.toContain('jane-doe');
  await api.create(flunders, flunder);
  expect(extension.users).toContain('kubernetes-admin');
  expect((await api.get(flunders)).items.map(({ metadata }: Json) => metadata.name)).toEqual(['f']);
  await eventually(async () =>
    expect(await kubectl(`api-resources --api-group=${group} -o name`)).toContain('flunders'),
  );
  expect(await kubectl(`get flunders.${group} -o name`)).toBe(`flunder.${group}/f`);
  await api.delete(`${flunders}/f`);
  expect((await refusal(api.get(`${flunders}/f`))).code).toBe(404);

  const condition = { type: 'StatusUpdated', status: 'True', reason: 'E2E', message: 'Set by a story' };
  const patched = await api.patch(`${service}/status`, 'merge', { status: { conditions: [condition] } });
  expect(patched.status.conditions).toContainEqual(expect.objectContaining(condition));
  const updated = await api.update(service, ({ spec }) => (spec.versionPriority = 400));
  expect(updated.spec.versionPriority).toBe(400);
  await api.delete(`${API_SERVICES}?labelSelector=told%3D${ns}`);
  await eventually(async () => {
    expect((await api.send('GET', service)).code).toBe(404);
    expect((await api.send('GET', flunders)).code).toBe(404);
    expect((await api.get('/apis')).groups.map(({ name }: Json) => name)).not.toContain(group);
  });
});

apiOperations('API services support every API operation', {
  group: 'apiregistration.k8s.io',
  version: 'v1',
  resource: 'apiservices',
  statusTakesAnnotations: false,
  names: ['v1.a.example.com', 'v1.b.example.com', 'v1.c.example.com'],
  object: (name) => ({
    spec: {
      group: name.slice('v1.'.length),
      version: 'v1',
      service: { namespace: 'absent', name: 'absent' },
      insecureSkipTLSVerify: true,
      groupPriorityMinimum: 100,
      versionPriority: 10,
    },
  }),
  status: {
    conditions: [
      { type: 'Story', status: 'True', reason: 'Told', message: 'm', lastTransitionTime: '2026-01-01T00:00:00Z' },
    ],
  },
});
