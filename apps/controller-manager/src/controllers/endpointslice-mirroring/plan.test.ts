import { describe, expect, it } from 'vitest';
import type { Endpoints, EndpointSlice, Service } from '@pilothouse/api';
import { planMirror, shouldMirror } from './plan.ts';

const endpoints = (subsets: object[], metadata: object = {}): Endpoints =>
  ({
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata: { name: 'db', namespace: 'ns', uid: 'u', ...metadata },
    subsets,
  }) as unknown as Endpoints;

const service = (selector?: object): Service =>
  ({ metadata: {}, spec: selector ? { selector } : {} }) as unknown as Service;

const ports = [{ name: 'sql', port: 5432 }];

describe('which Endpoints are mirrored', () => {
  it('are those of a service without selector', () => {
    expect(shouldMirror(endpoints([]), service())).toBe(true);
    expect(shouldMirror(endpoints([]), service({ app: 'x' }))).toBe(false);
    expect(shouldMirror(endpoints([]), undefined)).toBe(false);
  });

  it('are not those that say so', () => {
    expect(
      shouldMirror(endpoints([], { labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' } }), service()),
    ).toBe(false);
    expect(
      shouldMirror(endpoints([], { annotations: { 'control-plane.alpha.kubernetes.io/leader': '{}' } }), service()),
    ).toBe(false);
  });
});

describe('mirroring', () => {
  const subsets = [
    { addresses: [{ ip: '10.0.0.1' }, { ip: 'fd00::1' }], notReadyAddresses: [{ ip: '10.0.0.2' }], ports },
  ];

  it('makes a slice for each family of addresses', () => {
    const { create } = planMirror(endpoints(subsets), []);
    expect(create.map(({ addressType, endpoints: members }) => [addressType, members])).toEqual([
      [
        'IPv4',
        [
          { addresses: ['10.0.0.1'], conditions: { ready: true } },
          { addresses: ['10.0.0.2'], conditions: { ready: false } },
        ],
      ],
      ['IPv6', [{ addresses: ['fd00::1'], conditions: { ready: true } }]],
    ]);
    expect(create[0]!.metadata).toMatchObject({
      generateName: 'db-',
      labels: {
        'kubernetes.io/service-name': 'db',
        'endpointslice.kubernetes.io/managed-by': 'endpointslicemirroring-controller.k8s.io',
      },
      ownerReferences: [{ kind: 'Endpoints', name: 'db', uid: 'u', controller: true }],
    });
  });

  it('changes what differs, leaves what does not, and removes what is left over', () => {
    const existing = planMirror(endpoints(subsets), []).create.map((slice, i) => ({
      ...slice,
      metadata: { ...slice.metadata, name: `s${i}` },
    }));
    expect(planMirror(endpoints(subsets), existing as EndpointSlice[])).toEqual({ create: [], update: [], delete: [] });
    const changed = planMirror(endpoints([{ addresses: [{ ip: '10.0.0.9' }], ports }]), existing as EndpointSlice[]);
    expect(changed.create).toEqual([]);
    expect(changed.update.map(({ metadata, endpoints: members }) => [metadata.name, members?.length])).toEqual([
      ['s0', 1],
    ]);
    expect(changed.delete.map(({ metadata }) => metadata.name)).toEqual(['s1']);
  });
});
