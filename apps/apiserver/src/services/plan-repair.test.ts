import { describe, expect, it } from 'vitest';
import type { IPAddress, Service } from '@pilothouse/api';
import { planAddressRepairs } from './plan-repair.ts';

const NOW = new Date('2026-01-01T01:00:00Z');
const LONG_AGO = '2026-01-01T00:00:00Z';
const service = (name: string, ...clusterIPs: string[]): Service =>
  ({ metadata: { name, namespace: 'default' }, spec: { type: 'ClusterIP', clusterIPs } }) as Service;
const address = (name: string, of: string, creationTimestamp = LONG_AGO): IPAddress =>
  ({
    metadata: { name, creationTimestamp, labels: { 'ipaddress.kubernetes.io/managed-by': 'ipallocator.k8s.io' } },
    spec: { parentRef: { resource: 'services', namespace: 'default', name: of } },
  }) as IPAddress;

const plan = (services: Service[], addresses: IPAddress[]) => {
  const { missing, leaked, contested } = planAddressRepairs(services, addresses, NOW);
  return [
    ...missing.map((each) => `make ${each.address} for ${each.service.metadata.name}`),
    ...leaked.map((each) => `delete ${each.metadata.name}`),
    ...contested.map((each) => `${each.service.metadata.name} has not ${each.address}`),
  ];
};

describe('addresses and services that have come apart', () => {
  it.each<[string, string[], string[]]>([
    ['are left alone when they fit', plan([service('a', '10.0.0.1')], [address('10.0.0.1', 'a')]), []],
    ['get the object that is missing', plan([service('a', '10.0.0.1')], []), ['make 10.0.0.1 for a']],
    ['lose the object whose service is gone', plan([], [address('10.0.0.1', 'a')]), ['delete 10.0.0.1']],
    [
      'lose the object whose service has another',
      plan([service('a', '10.0.0.2')], [address('10.0.0.1', 'a'), address('10.0.0.2', 'a')]),
      ['delete 10.0.0.1'],
    ],
    ['leave alone what is just being given', plan([], [address('10.0.0.1', 'a', '2026-01-01T00:59:30Z')]), []],
    [
      'are told of when two have one',
      plan([service('a', '10.0.0.1'), service('b', '10.0.0.1')], [address('10.0.0.1', 'a')]),
      ['b has not 10.0.0.1'],
    ],
    ['need none without an address', plan([service('a', 'None')], []), []],
  ])('%s', (_, found, expected) => expect(found).toEqual(expected));

  it('leave alone what somebody else made', () => {
    const { metadata, spec } = address('10.0.0.1', 'a');
    expect(plan([], [{ metadata: { ...metadata, labels: {} }, spec }])).toEqual([]);
  });
});
