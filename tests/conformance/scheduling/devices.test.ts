import { describe, expect } from 'vitest';
import { eventually, story, type Story } from '../story.ts';

const RESOURCE = '/apis/resource.k8s.io/v1';

/** A driver of one device that every node reaches, with its class; both go with the story. */
async function driver({ api, unique, after }: Story): Promise<string> {
  const name = `${unique('driver')}.example.com`;
  const expression = `device.driver == "${name}"`;
  await api.create(`${RESOURCE}/deviceclasses`, { metadata: { name }, spec: { selectors: [{ cel: { expression } }] } });
  after(() => api.send('DELETE', `${RESOURCE}/deviceclasses/${name}`));
  const pool = { name: 'shared', generation: 1, resourceSliceCount: 1 };
  await api.create(`${RESOURCE}/resourceslices`, {
    metadata: { name },
    spec: { driver: name, pool, allNodes: true, devices: [{ name: 'only', capacity: { memory: { value: '8Gi' } } }] },
  });
  after(() => api.send('DELETE', `${RESOURCE}/resourceslices/${name}`));
  return name;
}

/** https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/ */
describe('dynamic resource allocation', () => {
  story('a device is allocated to one claim, and the next waits', async (told) => {
    const { api, in: inside } = told;
    const deviceClassName = await driver(told);
    for (const name of ['first', 'second']) {
      await api.create(`${inside('resource.k8s.io/v1')}/resourceclaims`, {
        metadata: { name },
        spec: { devices: { requests: [{ name: 'device', exactly: { deviceClassName } }] } },
      });
    }
    const use = (name: string): Promise<unknown> =>
      api.create(`${inside()}/pods`, {
        metadata: { name },
        spec: {
          resourceClaims: [{ name: 'device', resourceClaimName: name }],
          containers: [{ name: 'main', image: 'nginx', resources: { claims: [{ name: 'device' }] } }],
        },
      });
    await use('first');
    await eventually(async () => {
      const claim = await api.get(`${inside('resource.k8s.io/v1')}/resourceclaims/first`);
      expect(claim.status.allocation.devices.results).toEqual([
        { request: 'device', driver: deviceClassName, pool: 'shared', device: 'only' },
      ]);
      expect(claim.status.reservedFor).toMatchObject([{ resource: 'pods', name: 'first' }]);
    });
    await use('second');
    await eventually(async () => {
      const pod = await api.get(`${inside()}/pods/second`);
      const scheduled = pod.status.conditions.find(({ type }: { type: string }) => type === 'PodScheduled');
      expect(scheduled).toMatchObject({ status: 'False', reason: 'Unschedulable' });
      expect(scheduled.message).toContain('cannot allocate all claims');
    });
  });

  story('a pod gets a claim of its own from a template, which goes with the pod', async (told) => {
    const { api, in: inside } = told;
    const deviceClassName = await driver(told);
    const claims = `${inside('resource.k8s.io/v1')}/resourceclaims`;
    const pod = {
      metadata: { name: 'trainer' },
      spec: {
        resourceClaims: [{ name: 'device', resourceClaimTemplateName: 'one-device' }],
        containers: [{ name: 'main', image: 'nginx', resources: { claims: [{ name: 'device' }] } }],
      },
    };
    await api.create(`${inside()}/pods`, pod);
    await eventually(async () => {
      const { items } = await api.get(`${inside()}/events?fieldSelector=reason=FailedResourceClaimCreation`);
      expect(items[0]?.message).toBe(
        'PodResourceClaim device: resource claim template "one-device": ' +
          'resourceclaimtemplate.resource.k8s.io "one-device" not found',
      );
    });
    await api.create(`${inside('resource.k8s.io/v1')}/resourceclaimtemplates`, {
      metadata: { name: 'one-device' },
      spec: { spec: { devices: { requests: [{ name: 'device', exactly: { deviceClassName } }] } } },
    });
    await eventually(async () => {
      const { status } = await api.get(`${inside()}/pods/trainer`);
      expect(status.phase).toBe('Running');
      const [{ resourceClaimName }] = status.resourceClaimStatuses;
      expect(resourceClaimName).toMatch(/^trainer-device-/);
      const claim = await api.get(`${claims}/${resourceClaimName}`);
      expect(claim.metadata.annotations).toEqual({ 'resource.kubernetes.io/pod-claim-name': 'device' });
      expect(claim.metadata.ownerReferences).toMatchObject([{ kind: 'Pod', name: 'trainer', controller: true }]);
      expect(claim.status.reservedFor).toMatchObject([{ resource: 'pods', name: 'trainer' }]);
    });
    expect((await api.get(claims)).items).toHaveLength(1);
    await api.send('DELETE', `${inside()}/pods/trainer`);
    await eventually(async () => expect((await api.get(claims)).items).toEqual([]));
  });

  story('a claim gives its device back when the pod that used it has finished', async (told) => {
    const { api, in: inside } = told;
    const deviceClassName = await driver(told);
    const claim = `${inside('resource.k8s.io/v1')}/resourceclaims/shared`;
    await api.create(`${inside('resource.k8s.io/v1')}/resourceclaims`, {
      metadata: { name: 'shared' },
      spec: { devices: { requests: [{ name: 'device', exactly: { deviceClassName } }] } },
    });
    await api.create(`${inside()}/pods`, {
      metadata: { name: 'once' },
      spec: {
        restartPolicy: 'Never',
        resourceClaims: [{ name: 'device', resourceClaimName: 'shared' }],
        containers: [
          { name: 'main', image: 'busybox', command: ['true'], resources: { claims: [{ name: 'device' }] } },
        ],
      },
    });
    await eventually(async () => expect((await api.get(`${inside()}/pods/once`)).status.phase).toBe('Succeeded'));
    await eventually(async () => {
      const { metadata, status = {} } = await api.get(claim);
      expect(status).toEqual({});
      expect(metadata.finalizers).toBeUndefined();
    });
  });
});
