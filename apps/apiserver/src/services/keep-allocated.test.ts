import { describe, expect, it } from 'vitest';
import type { ServiceSpec } from '@pilothouse/api';
import { dropForeignFields, keepAllocated } from './keep-allocated.ts';
import { fillIpFamilies, normalizeClusterIps } from './ip-families.ts';

const spec = (over: Partial<ServiceSpec>): ServiceSpec => ({ type: 'ClusterIP', ...over }) as ServiceSpec;
const port = (over: object) => ({ port: 80, protocol: 'TCP', ...over }) as never;

describe('keepAllocated', () => {
  const before = spec({
    type: 'NodePort',
    clusterIP: '10.0.0.5',
    clusterIPs: ['10.0.0.5'],
    ports: [port({ name: 'a', nodePort: 30_001 })],
  });

  it('refills address and node ports that the client left out', () => {
    const next = spec({ type: 'NodePort', ports: [port({ name: 'a' }), port({ name: 'b', port: 81 })] });
    keepAllocated(next, before);
    expect(next).toMatchObject({ clusterIP: '10.0.0.5', clusterIPs: ['10.0.0.5'] });
    expect(next.ports!.map((each) => each.nodePort)).toEqual([30_001, undefined]);
  });

  it('does not take a node port that the client gave to another port', () => {
    const next = spec({
      type: 'NodePort',
      ports: [port({ name: 'a' }), port({ name: 'b', port: 81, nodePort: 30_001 })],
    });
    keepAllocated(next, before);
    expect(next.ports![0]!.nodePort).toBeUndefined();
  });
});

describe('dropForeignFields', () => {
  it('takes node ports away from what becomes a ClusterIP service, unless they are new', () => {
    const before = spec({ type: 'NodePort', externalTrafficPolicy: 'Cluster', ports: [port({ nodePort: 30_001 })] });
    const next = spec({
      type: 'ClusterIP',
      externalTrafficPolicy: 'Cluster',
      ports: [port({ nodePort: 30_001 }), port({ port: 81, nodePort: 30_002 })],
    });
    dropForeignFields(next, before);
    expect(next.ports!.map((each) => each.nodePort)).toEqual([undefined, 30_002]);
    expect(next.externalTrafficPolicy).toBeUndefined();
  });

  it('takes the address away from what becomes an ExternalName', () => {
    const before = spec({
      clusterIP: '10.0.0.5',
      clusterIPs: ['10.0.0.5'],
      ipFamilies: ['IPv4'],
      ipFamilyPolicy: 'SingleStack',
    });
    const next = { ...structuredClone(before), type: 'ExternalName' } as ServiceSpec;
    dropForeignFields(next, before);
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

describe('fillIpFamilies', () => {
  const filled = (over: Partial<ServiceSpec>, cluster: ('IPv4' | 'IPv6')[] = ['IPv4']) => {
    const service = { spec: spec(over) } as never as { spec: ServiceSpec };
    const errors = fillIpFamilies(service as never, cluster);
    return errors.length > 0 ? errors.map(String) : [service.spec.ipFamilyPolicy, service.spec.ipFamilies];
  };

  it('chooses what the cluster has', () => {
    expect(filled({ selector: { a: 'b' } })).toEqual(['SingleStack', ['IPv4']]);
    expect(filled({ ipFamilyPolicy: 'PreferDualStack' })).toEqual(['PreferDualStack', ['IPv4']]);
    expect(filled({ ipFamilyPolicy: 'PreferDualStack' }, ['IPv4', 'IPv6'])).toEqual([
      'PreferDualStack',
      ['IPv4', 'IPv6'],
    ]);
    expect(filled({ ipFamilies: ['IPv6'] }, ['IPv4', 'IPv6'])).toEqual(['SingleStack', ['IPv6']]);
    expect(filled({ clusterIP: 'None', clusterIPs: ['None'] })).toEqual(['RequireDualStack', ['IPv4', 'IPv6']]);
    expect(filled({ type: 'ExternalName' })).toEqual([undefined, undefined]);
  });

  it('refuses what the cluster does not have', () => {
    expect(filled({ ipFamilyPolicy: 'RequireDualStack' })).toEqual([
      'spec.ipFamilyPolicy: Invalid value: "RequireDualStack": this cluster is not configured for dual-stack services',
    ]);
    expect(filled({ ipFamilies: ['IPv6'] })).toEqual([
      'spec.ipFamilies[0]: Invalid value: "IPv6": not configured on this cluster',
    ]);
  });
});
