import { apiOperations } from '../api-operations.ts';

const CONTAINER = { name: 'nginx', image: 'nginx' };

apiOperations('runtime classes support every API operation', {
  group: 'node.k8s.io',
  version: 'v1',
  resource: 'runtimeclasses',
  object: () => ({ handler: 'conformance-handler' }),
});

apiOperations('leases support every API operation', {
  group: 'coordination.k8s.io',
  version: 'v1',
  resource: 'leases',
  namespaced: true,
  object: () => ({
    spec: {
      holderIdentity: 'holder',
      leaseDurationSeconds: 30,
      acquireTime: '2026-01-01T00:00:00.000002Z',
      renewTime: '2026-01-01T00:00:05.000005Z',
      leaseTransitions: 0,
    },
  }),
  change: (lease) =>
    Object.assign(lease.spec, { holderIdentity: 'holder2', leaseDurationSeconds: 60, leaseTransitions: 1 }),
});

apiOperations('pod templates support every API operation', {
  group: '',
  version: 'v1',
  resource: 'podtemplates',
  namespaced: true,
  object: () => ({ template: { spec: { containers: [CONTAINER] } } }),
});

const DRA = { group: 'resource.k8s.io', version: 'v1' };
const REQUESTS = { devices: { requests: [{ name: 'r', exactly: { deviceClassName: 'some-class' } }] } };

apiOperations('device classes support every API operation', {
  ...DRA,
  resource: 'deviceclasses',
  object: () => ({ spec: {} }),
});

apiOperations('resource claims support every API operation', {
  ...DRA,
  resource: 'resourceclaims',
  statusTakesAnnotations: false,
  namespaced: true,
  object: () => ({ spec: REQUESTS }),
  status: {
    allocation: {
      devices: { results: [{ request: 'r', driver: 'd.example.com', pool: 'p', device: 'dev-0' }] },
    },
  },
});

apiOperations('resource claim templates support every API operation', {
  ...DRA,
  resource: 'resourceclaimtemplates',
  namespaced: true,
  object: () => ({ spec: { spec: REQUESTS } }),
});

apiOperations('resource slices support every API operation', {
  ...DRA,
  resource: 'resourceslices',
  object: (name) => ({
    spec: {
      driver: 'd.example.com',
      nodeName: name,
      pool: { name, generation: 1, resourceSliceCount: 1 },
      devices: [],
    },
  }),
});

for (const [resource, object] of [
  ['configmaps', { data: { a: '1' } }],
  ['secrets', { stringData: { a: '1' } }],
  ['serviceaccounts', {}],
  ['limitranges', { spec: { limits: [{ type: 'Container', max: { cpu: '1' } }] } }],
  ['resourcequotas', { spec: { hard: { pods: '1' } } }],
] as const) {
  apiOperations(`${resource} support every API operation`, {
    ...{ group: '', version: 'v1', resource, namespaced: true },
    object: () => structuredClone(object),
  });
}
