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
});
