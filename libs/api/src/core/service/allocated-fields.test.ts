import { describe, expect, it } from 'vitest';
import type { ServiceSpec } from '@pilothouse/api';
import { dropTypeDependentFields, keepAllocatedValues, normalizeClusterIps } from './allocated-fields.ts';

const spec = (over: Partial<ServiceSpec>): ServiceSpec => ({ type: 'ClusterIP', ...over }) as ServiceSpec;
const port = (over: object) => ({ port: 80, protocol: 'TCP', ...over }) as never;

describe('keepAllocatedValues', () => {
  const before = spec({
    type: 'NodePort',
    clusterIP: '10.0.0.5',
    clusterIPs: ['10.0.0.5'],
    ports: [port({ name: 'a', nodePort: 30_001 })],
  });

  it('refills address and node ports that the client left out', () => {
    const next = spec({ type: 'NodePort', ports: [port({ name: 'a' }), port({ name: 'b', port: 81 })] });
    keepAllocatedValues(next, before);
    expect(next).toMatchObject({ clusterIP: '10.0.0.5', clusterIPs: ['10.0.0.5'] });
    expect(next.ports!.map((each) => each.nodePort)).toEqual([30_001, undefined]);
  });

  it('does not take a node port that the client gave to another port', () => {
    const next = spec({
      type: 'NodePort',
      ports: [port({ name: 'a' }), port({ name: 'b', port: 81, nodePort: 30_001 })],
    });
    keepAllocatedValues(next, before);
    expect(next.ports![0]!.nodePort).toBeUndefined();
  });
});

describe('dropTypeDependentFields', () => {
  it('takes node ports away from what becomes a ClusterIP service, unless the client asked for another', () => {
    const before = spec({ type: 'NodePort', externalTrafficPolicy: 'Cluster', ports: [port({ nodePort: 30_001 })] });
    const become = (...nodePorts: number[]) => {
      const ports = nodePorts.map((nodePort, i) => port({ port: 80 + i, nodePort }));
      const next = spec({ type: 'ClusterIP', externalTrafficPolicy: 'Cluster', ports });
      dropTypeDependentFields(next, before);
      expect(next.externalTrafficPolicy).toBeUndefined();
      return next.ports!.map(({ nodePort }) => nodePort);
    };
    expect(become(30_001)).toEqual([undefined]);
    // Validation refuses it then.
    expect(become(30_001, 30_002)).toEqual([30_001, 30_002]);
  });

  it('takes the address away from what becomes an ExternalName', () => {
    const before = spec({
      clusterIP: '10.0.0.5',
      clusterIPs: ['10.0.0.5'],
      ipFamilies: ['IPv4'],
      ipFamilyPolicy: 'SingleStack',
    });
    const next = { ...structuredClone(before), type: 'ExternalName' } as ServiceSpec;
    dropTypeDependentFields(next, before);
    expect(next).toEqual({ type: 'ExternalName' });
  });
});

describe('normalizeClusterIps', () => {
  it('lets clusterIP and clusterIPs say the same', () => {
    const created = spec({ clusterIP: 'None' });
    normalizeClusterIps(created, undefined);
    expect(created.clusterIPs).toEqual(['None']);
    const changed = spec({ clusterIP: '10.0.0.6', clusterIPs: ['10.0.0.5'] });
    normalizeClusterIps(changed, spec({ clusterIP: '10.0.0.5', clusterIPs: ['10.0.0.5'] }));
    expect(changed.clusterIPs).toEqual(['10.0.0.6']);
  });
});
