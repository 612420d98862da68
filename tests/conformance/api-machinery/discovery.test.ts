import { expect } from 'vitest';
import { eventually, story } from '../story.ts';
import type { Json } from '../api.ts';
import { customResourceDefinition, established } from './custom-resources.ts';

const aggregated = (version: string): string =>
  `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`;

story('every group names a version it prefers among those it has', async ({ api }) => {
  for (const group of (await api.get('/apis')).groups as Json[]) {
    const document = await api.get(`/apis/${group.name}`);
    expect(document.preferredVersion.groupVersion).toBe(`${group.name}/${document.preferredVersion.version}`);
    expect(document.versions).toContainEqual(document.preferredVersion);
    expect(document.versions).toEqual(group.versions);
  }
});

story('every group version lists its resources', async ({ api }) => {
  const known: readonly (readonly [string, string])[] = [
    ['admissionregistration.k8s.io/v1', 'validatingwebhookconfigurations'],
    ['apiextensions.k8s.io/v1', 'customresourcedefinitions'],
    ['apiregistration.k8s.io/v1', 'apiservices'],
    ['apps/v1', 'deployments'],
    ['authentication.k8s.io/v1', 'tokenreviews'],
    ['authorization.k8s.io/v1', 'selfsubjectaccessreviews'],
    ['autoscaling/v1', 'horizontalpodautoscalers'],
    ['autoscaling/v2', 'horizontalpodautoscalers'],
    ['batch/v1', 'jobs'],
    ['certificates.k8s.io/v1', 'certificatesigningrequests'],
    ['coordination.k8s.io/v1', 'leases'],
    ['discovery.k8s.io/v1', 'endpointslices'],
    ['events.k8s.io/v1', 'events'],
    ['networking.k8s.io/v1', 'ingresses'],
    ['node.k8s.io/v1', 'runtimeclasses'],
    ['policy/v1', 'poddisruptionbudgets'],
    ['rbac.authorization.k8s.io/v1', 'roles'],
    ['scheduling.k8s.io/v1', 'priorityclasses'],
    ['storage.k8s.io/v1', 'csinodes'],
  ];
  for (const [groupVersion, resource] of known) {
    const document = await api.get(`/apis/${groupVersion}`);
    expect(document.groupVersion).toBe(groupVersion);
    expect(document.resources.map(({ name }: Json) => name)).toContain(resource);
  }
});

story('aggregated discovery has every built-in resource, by each Accept header', async ({ api }) => {
  for (const version of ['v2', 'v2beta1']) {
    const answer = await api.send('GET', '/apis', undefined, { accept: `${aggregated(version)},application/json` });
    expect(answer.headers['content-type']).toContain(`v=${version}`);
    expect(answer.body.kind).toBe('APIGroupDiscoveryList');
    const deployments = answer.body.items
      .find((group: Json) => group.metadata.name === 'apps')
      .versions.find((each: Json) => each.version === 'v1')
      .resources.find((each: Json) => each.resource === 'deployments');
    expect(deployments.responseKind.kind).toBe('Deployment');
    expect(deployments.verbs).toContain('watch');
    expect(deployments.subresources.map((each: Json) => each.subresource)).toEqual(
      expect.arrayContaining(['scale', 'status']),
    );
    const core = (await api.send('GET', '/api', undefined, { accept: aggregated(version) })).body;
    expect(core.items[0].versions[0].resources.map((each: Json) => each.resource)).toContain('pods');
  }
  const plain = await api.send('GET', '/apis', undefined, { accept: 'application/json' });
  expect(plain.body.kind).toBe('APIGroupList');
  const unknown = await api.send('GET', '/apis', undefined, { accept: `${aggregated('v1')},application/json` });
  expect(unknown.body.kind).toBe('APIGroupList');
});

story('aggregated discovery has custom resources, as soon as they are there', async (told) => {
  const crd = customResourceDefinition(told);
  await established(told, crd);
  for (const version of ['v2', 'v2beta1'])
    await eventually(async () => {
      const { body } = await told.api.send('GET', '/apis', undefined, { accept: aggregated(version) });
      const group = body.items.find(({ metadata }: Json) => metadata.name === crd.spec.group);
      expect(group?.versions[0].resources[0]).toMatchObject({
        resource: crd.spec.names.plural,
        responseKind: { group: crd.spec.group, version: 'v1', kind: crd.spec.names.kind },
        scope: 'Namespaced',
      });
    });
});

story('the server says its version', async ({ api }) => {
  const version = await api.get('/version');
  expect(version.major).toMatch(/^[1-9]$/);
  expect(version.minor).toMatch(/^[1-9]+[0-9]*\+?$/);
  expect(version.gitVersion).toMatch(/^v1\.36\./);
});

story('the kubernetes service and its endpoints point to the server', async ({ api }) => {
  const service = await api.get('/api/v1/namespaces/default/services/kubernetes');
  expect(service.spec.ports.map(({ port }: Json) => port)).toContain(443);
  const endpoints = await api.get('/api/v1/namespaces/default/endpoints/kubernetes');
  expect(endpoints.subsets[0].addresses.length).toBeGreaterThan(0);
  const slices = await api.get(
    '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices?labelSelector=kubernetes.io%2Fservice-name%3Dkubernetes',
  );
  expect(slices.items.length).toBeGreaterThan(0);
  expect(slices.items[0].endpoints[0].addresses).toEqual([endpoints.subsets[0].addresses[0].ip]);
});

story('metrics of the server, the scheduler and the controller manager are served', async ({ api }) => {
  expect((await api.send('GET', '/metrics')).text).toContain('apiserver_request_total');
});
