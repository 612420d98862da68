import { describe, expect, it } from 'vitest';
import type { Service, ServiceSpec } from '@pilothouse/api';
import { CONTEXT, created, exampleService, NOW, problemsOnCreate, problemsOnUpdate } from '../example-objects.ts';
import { service } from './service.ts';
import { serviceColumns } from './service-columns.ts';

const problems = (change: (spec: ServiceSpec, each: Service) => void): string[] =>
  problemsOnCreate(
    service,
    exampleService((each) => change(each.spec!, each)),
  );

const stored = (change: (spec: ServiceSpec) => void = () => {}): Service =>
  created(
    service,
    exampleService((each) => change(each.spec!)),
  );

describe('a service is filled in', () => {
  it('with a type, protocols and policies', () => {
    expect(stored().spec).toMatchObject({
      type: 'ClusterIP',
      sessionAffinity: 'None',
      internalTrafficPolicy: 'Cluster',
      ports: [{ port: 80, targetPort: 80, protocol: 'TCP' }],
    });
  });

  it.each<[string, (spec: ServiceSpec) => void, Partial<ServiceSpec>]>([
    [
      'a load balancer',
      (spec) => (spec.type = 'LoadBalancer'),
      {
        externalTrafficPolicy: 'Cluster',
        allocateLoadBalancerNodePorts: true,
      },
    ],
    [
      'affinity to a client',
      (spec) => (spec.sessionAffinity = 'ClientIP'),
      {
        sessionAffinityConfig: { clientIP: { timeoutSeconds: 10_800 } },
      },
    ],
    ['external addresses', (spec) => (spec.externalIPs = ['1.2.3.4']), { externalTrafficPolicy: 'Cluster' }],
    ['the old single address', (spec) => delete spec.clusterIPs, { clusterIPs: ['10.0.0.10'] }],
  ])('%s', (_, change, expected) => expect(stored(change).spec).toMatchObject(expected));

  it('but an external name needs nothing', () => {
    const { spec } = stored((each) => {
      each.type = 'ExternalName';
      each.externalName = 'example.com';
      delete each.clusterIP;
      delete each.clusterIPs;
    });
    expect(spec!.internalTrafficPolicy).toBeUndefined();
    expect(spec!.externalTrafficPolicy).toBeUndefined();
  });
});

describe('a new service', () => {
  it.each<[string, (spec: ServiceSpec, each: Service) => void, string[]]>([
    ['is fine', () => {}, []],
    ['has no ports', (spec) => delete spec.ports, ['spec.ports: Required value']],
    [
      'has several ports without names',
      (spec) => spec.ports!.push({ port: 81 }),
      ['spec.ports[0].name: Required value', 'spec.ports[1].name: Required value'],
    ],
    [
      'has a port name twice',
      (spec) =>
        (spec.ports = [
          { name: 'a', port: 1 },
          { name: 'a', port: 2 },
        ]),
      ['spec.ports[1].name: Duplicate value: "a"'],
    ],
    [
      'has a port twice',
      (spec) =>
        (spec.ports = [
          { name: 'a', port: 1 },
          { name: 'b', port: 1 },
        ]),
      [
        'spec.ports[1]: Duplicate value: {"Name":"","Protocol":"TCP","AppProtocol":null,"Port":1,"TargetPort":0,"NodePort":0}',
      ],
    ],
    [
      'has a port that cannot be',
      (spec) => (spec.ports![0]!.port = 70_000),
      [
        'spec.ports[0].port: Invalid value: 70000: must be between 1 and 65535, inclusive',
        'spec.ports[0].targetPort: Invalid value: 70000: must be between 1 and 65535, inclusive',
      ],
    ],
    [
      'wants a node port of a type without',
      (spec) => (spec.ports![0]!.nodePort = 30_000),
      [`spec.ports[0].nodePort: Forbidden: may not be used when \`type\` is 'ClusterIP'`],
    ],
    [
      'has an unknown type',
      (spec) => (spec.type = 'Magic'),
      [
        'spec.type: Unsupported value: "Magic": supported values: "ClusterIP", "ExternalName", "LoadBalancer", "NodePort"',
      ],
    ],
    [
      'has two names for its address',
      (spec) => (spec.clusterIP = '10.0.0.11'),
      ['spec.clusterIPs: Invalid value: ["10.0.0.10"]: first value must match `clusterIP`'],
    ],
    [
      'is headless and more',
      (spec) => (spec.clusterIPs = [(spec.clusterIP = 'None'), '10.0.0.1']),
      [`spec.clusterIPs: Invalid value: ["None","10.0.0.1"]: 'None' must be the first and only value`],
    ],
    [
      'is headless with node ports',
      (spec) => {
        spec.type = 'NodePort';
        spec.clusterIPs = [(spec.clusterIP = 'None')];
      },
      [`spec.clusterIPs[0]: Invalid value: "None": may not be set to 'None' for NodePort services`],
    ],
    [
      'has two addresses of one family',
      (spec) => (spec.clusterIPs = ['10.0.0.10', '10.0.0.11']),
      ['spec.clusterIPs: Invalid value: ["10.0.0.10","10.0.0.11"]: may specify no more than one IP for each IP family'],
    ],
    [
      'has an address of another family than it says',
      (spec) => (spec.ipFamilies = ['IPv6']),
      ['spec.clusterIPs[0]: Invalid value: "10.0.0.10": expected an IPv6 value as indicated by `ipFamilies[0]`'],
    ],
    [
      'writes its address with zeros',
      (spec) => (spec.clusterIPs = [(spec.clusterIP = '10.0.0.010')]),
      ['spec.clusterIPs[0]: Invalid value: "10.0.0.010": must not have leading 0s'],
    ],
    [
      'has an external name that is none',
      (spec) => {
        spec.type = 'ExternalName';
        delete spec.clusterIP;
        delete spec.clusterIPs;
      },
      ['spec.externalName: Required value'],
    ],
    [
      'is open to the world at loopback',
      (spec) => (spec.externalIPs = ['127.0.0.1']),
      ['spec.externalIPs[0]: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)'],
    ],
    [
      'has source ranges without a load balancer',
      (spec) => (spec.loadBalancerSourceRanges = ['10.0.0.0/8']),
      [`spec.LoadBalancerSourceRanges: Forbidden: may only be used when \`type\` is 'LoadBalancer'`],
    ],
    [
      'has a source range with a host in it',
      (spec) => {
        spec.type = 'LoadBalancer';
        spec.loadBalancerSourceRanges = ['10.0.0.1/8'];
      },
      [
        'spec.LoadBalancerSourceRanges[0]: Invalid value: "10.0.0.1/8": must not have bits set beyond the prefix length',
      ],
    ],
    [
      'has an external policy without being external',
      (spec) => (spec.externalTrafficPolicy = 'Local'),
      ['spec.externalTrafficPolicy: Invalid value: "Local": may only be set for externally-accessible services'],
    ],
    [
      'keeps client addresses without a health check',
      (spec) => {
        spec.type = 'LoadBalancer';
        spec.externalTrafficPolicy = 'Local';
      },
      ['spec.healthCheckNodePort: Required value'],
    ],
  ])('that %s', (_, change, expected) => expect(problems(change)).toEqual(expected));

  it('may have a name that starts with a digit', () => {
    expect(service.strategy!.validateName!('1st', false)).toEqual([]);
    expect(service.strategy!.validateName!('a.b', false)).toHaveLength(1);
  });
});

describe('an update', () => {
  const update = (old: Service, change: (spec: ServiceSpec) => void): ServiceSpec => {
    const next = structuredClone(old);
    change(next.spec!);
    service.defaults!(next);
    service.strategy!.prepareForUpdate!(next, old, CONTEXT);
    expect(service.strategy!.validateUpdate!(next, old, CONTEXT).map(String)).toEqual([]);
    return next.spec!;
  };
  const nodePort = stored((spec) => {
    spec.type = 'NodePort';
    spec.ports = [{ name: 'http', port: 80, nodePort: 30_080 }];
  });

  it('need not repeat what was allocated', () => {
    const spec = update(nodePort, (next) => {
      delete next.clusterIP;
      delete next.clusterIPs;
      next.ports = [{ name: 'http', port: 8080 }];
    });
    expect(spec).toMatchObject({ clusterIP: '10.0.0.10', clusterIPs: ['10.0.0.10'], ports: [{ nodePort: 30_080 }] });
  });

  it('does not give one node port to two ports', () => {
    const spec = update(nodePort, (next) => {
      next.ports = [
        { name: 'http', port: 80 },
        { name: 'https', port: 443, nodePort: 30_080 },
      ];
    });
    expect(spec.ports!.map((port) => port.nodePort)).toEqual([undefined, 30_080]);
  });

  it('to another type loses what that type does not have', () => {
    const spec = update(nodePort, (next) => (next.type = 'ClusterIP'));
    expect(spec.ports![0]!.nodePort).toBeUndefined();
    expect(spec.externalTrafficPolicy).toBeUndefined();
    const external = update(nodePort, (next) => {
      next.type = 'ExternalName';
      next.externalName = 'example.com';
    });
    expect(external).toEqual({
      type: 'ExternalName',
      externalName: 'example.com',
      selector: { app: 'web' },
      ports: [{ name: 'http', port: 80, targetPort: 80, protocol: 'TCP' }],
      sessionAffinity: 'None',
      internalTrafficPolicy: 'Cluster',
    });
  });

  it.each<[string, (each: Service) => void, string]>([
    [
      'the address',
      (each) => (each.spec!.clusterIP = '10.0.0.99'),
      'spec.clusterIPs[0]: Invalid value: ["10.0.0.99"]: may not change once set',
    ],
    [
      'the class of a load balancer',
      (each) => (each.spec!.loadBalancerClass = 'example.com/other'),
      'spec.loadBalancerClass: Invalid value: "example.com/other": may not change once set',
    ],
  ])('cannot change %s', (_, change, problem) => {
    const old = stored((spec) => {
      spec.type = 'LoadBalancer';
      spec.loadBalancerClass = 'example.com/one';
    });
    expect(problemsOnUpdate(service, old, change)).toEqual([problem]);
  });

  it('may add the other family, and drop it only on the way back to a single stack', () => {
    const single = stored((spec) => (spec.ipFamilies = ['IPv4']));
    const dual = structuredClone(single);
    Object.assign(dual.spec!, { clusterIPs: ['10.0.0.10', 'fd00::10'], ipFamilies: ['IPv4', 'IPv6'] });
    expect(problemsOnUpdate(service, single, (each) => (each.spec = structuredClone(dual.spec)))).toEqual([]);
    expect(problemsOnUpdate(service, dual, (each) => (each.spec = structuredClone(single.spec)))).toEqual([
      `spec.ipFamilyPolicy: Invalid value: null: must be set to 'SingleStack' when releasing the secondary clusterIP`,
      `spec.ipFamilyPolicy: Invalid value: null: must be set to 'SingleStack' when releasing the secondary ipFamily`,
    ]);
  });

  it('of the status is for load balancers', () => {
    const ingress = (each: Service): void => {
      each.status = { loadBalancer: { ingress: [{ ip: '1.2.3.4', ipMode: 'VIP' }] } };
    };
    expect(
      problemsOnUpdate(
        service,
        stored((spec) => (spec.type = 'LoadBalancer')),
        ingress,
        'status',
      ),
    ).toEqual([]);
    expect(problemsOnUpdate(service, stored(), ingress, 'status')).toEqual([
      `status.loadBalancer.ingress: Forbidden: may only be used when \`spec.type\` is 'LoadBalancer'`,
    ]);
  });
});

describe('kubectl get services shows', () => {
  const cells = (each: Service): unknown[] => serviceColumns.map((column) => column.cell(each, NOW));

  it('addresses and ports', () => {
    const each = stored((spec) => {
      spec.type = 'NodePort';
      spec.ports = [
        { name: 'a', port: 80, nodePort: 30_080 },
        { name: 'b', port: 53, protocol: 'UDP' },
      ];
    });
    expect(cells(each)).toEqual([
      'web',
      'NodePort',
      '10.0.0.10',
      '<none>',
      '80:30080/TCP,53/UDP',
      '<unknown>',
      'app=web',
    ]);
  });

  it('a load balancer that waits, and one that does not', () => {
    const each = stored((spec) => (spec.type = 'LoadBalancer'));
    expect(cells(each)[3]).toBe('<pending>');
    each.status = { loadBalancer: { ingress: [{ hostname: 'lb.example.com' }, { ip: '1.2.3.4' }] } };
    expect(cells(each)[3]).toBe('1.2.3.4,lb.example.com');
  });
});

it('warns of settings that do nothing', () => {
  const each = stored((spec) => {
    spec.externalName = 'example.com';
    spec.trafficDistribution = 'PreferClose';
  });
  expect(service.strategy!.warnings!(each, undefined, CONTEXT)).toEqual([
    'spec.externalName is ignored when spec.type is not "ExternalName"',
    'spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"',
  ]);
});
