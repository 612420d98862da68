import { apiOperations } from '../api-operations.ts';

const NETWORKING = { group: 'networking.k8s.io', version: 'v1' };
const PARENT = { group: 'mygroup', resource: 'myresources', namespace: 'foo', name: 'bar' };

apiOperations('ingresses support every API operation', {
  ...NETWORKING,
  resource: 'ingresses',
  namespaced: true,
  object: () => ({ spec: { defaultBackend: { service: { name: 'default-backend', port: { number: 80 } } } } }),
  status: { loadBalancer: { ingress: [{ ip: '169.1.1.1' }] } },
});

apiOperations('ingress classes support every API operation', {
  ...NETWORKING,
  resource: 'ingressclasses',
  object: () => ({ spec: { controller: 'example.com/controller' } }),
});

apiOperations('network policies support every API operation', {
  ...NETWORKING,
  resource: 'networkpolicies',
  namespaced: true,
  object: () => ({ spec: { podSelector: { matchLabels: { pod: 'x' } }, ingress: [{ from: [{ podSelector: {} }] }] } }),
});

apiOperations('service CIDRs support every API operation', {
  ...NETWORKING,
  resource: 'servicecidrs',
  object: () => ({ spec: { cidrs: ['203.0.113.0/24'] } }),
  status: {
    conditions: [
      { type: 'Story', status: 'True', reason: 'Told', message: 'm', lastTransitionTime: '2026-01-01T00:00:00Z' },
    ],
  },
});

apiOperations('IP addresses support every API operation', {
  ...NETWORKING,
  resource: 'ipaddresses',
  names: ['255.255.255.255', 'fe80::42:1dff:fe84:f9e2', '192.0.2.7'],
  object: () => ({ spec: { parentRef: PARENT } }),
});

apiOperations('endpoint slices support every API operation', {
  group: 'discovery.k8s.io',
  version: 'v1',
  resource: 'endpointslices',
  namespaced: true,
  object: () => ({ addressType: 'IPv4', endpoints: [{ addresses: ['1.2.3.4', '5.6.7.8'] }], ports: [] }),
});
