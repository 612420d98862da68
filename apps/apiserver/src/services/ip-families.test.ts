import { describe, expect, it } from 'vitest';
import type { ServiceSpec } from '@pilothouse/api';
import { fillIpFamilies } from './ip-families.ts';

const spec = (over: Partial<ServiceSpec>): ServiceSpec => ({ type: 'ClusterIP', ...over }) as ServiceSpec;

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
