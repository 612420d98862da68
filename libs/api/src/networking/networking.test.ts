import type { Ingress, IngressClass, IPAddress, NetworkPolicy, ServiceCIDR } from '@pilothouse/api';
import { describe, expect, it } from 'vitest';
import { cellsOf, CONTEXT, created, exampleMeta, problemsOnCreate, problemsOnUpdate } from '../core/example-objects.ts';
import { ingressClass } from './ingress-class.ts';
import { ingress } from './ingress.ts';
import { ipAddress } from './ip-address.ts';
import { networkPolicy } from './network-policy.ts';
import { serviceCIDR } from './service-cidr.ts';

const backend = { service: { name: 'web', port: { number: 80 } } };
const path = (change: object = {}) => ({ path: '/', pathType: 'Prefix', backend, ...change });
const anIngress = (spec: Ingress['spec']): Ingress => ({ metadata: exampleMeta(), spec });
const rule = (...paths: any[]): Ingress => anIngress({ rules: [{ host: 'a.example.com', http: { paths } }] });

describe('Ingress', () => {
  it.each<[Ingress, string[]]>([
    [rule(path()), []],
    [anIngress({}), ['spec: Invalid value: null: either `defaultBackend` or `rules` must be specified']],
    [
      anIngress({ defaultBackend: {} }),
      ['spec.defaultBackend: Invalid value: "": resource or service backend is required'],
    ],
    [
      rule(path({ pathType: undefined })),
      ['spec.rules[0].http.paths[0].pathType: Required value: pathType must be specified'],
    ],
    [
      rule(path({ path: 'a//..' })),
      [
        'spec.rules[0].http.paths[0].path: Invalid value: "a//..": must be an absolute path',
        'spec.rules[0].http.paths[0].path: Invalid value: "a//..": must not contain \'//\'',
        'spec.rules[0].http.paths[0].path: Invalid value: "a//..": cannot end with \'/..\'',
      ],
    ],
    [
      rule(path({ pathType: 'Regex' })),
      [
        'spec.rules[0].http.paths[0].pathType: Unsupported value: "Regex": supported values: "Exact", "ImplementationSpecific", "Prefix"',
      ],
    ],
    [
      rule(path({ backend: { service: { name: 'web', port: { number: 80, name: 'http' } } } })),
      ['spec.rules[0].http.paths[0].backend: Invalid value: "": cannot set both port name & port number'],
    ],
    [
      anIngress({ defaultBackend: backend, rules: [{ host: '10.0.0.1' }] }),
      ['spec.rules[0].host: Invalid value: "10.0.0.1": must be a DNS name, not an IP address'],
    ],
  ])('%#', (each, problems) => {
    expect(problemsOnCreate(ingress, each)).toEqual(problems);
  });

  it('refuses two classes on create, and warns of the older way to choose one', () => {
    const each = rule(path());
    each.metadata.annotations = { 'kubernetes.io/ingress.class': 'a' };
    each.spec.ingressClassName = 'b';
    expect(problemsOnCreate(ingress, each)).toEqual([
      'annotations.kubernetes.io/ingress.class: Invalid value: "a": must match `ingressClassName` when both are specified',
    ]);
    expect(ingress.strategy!.warnings!(each, undefined, CONTEXT)).toHaveLength(1);
    expect(problemsOnUpdate(ingress, each, () => {})).toEqual([]);
  });

  it('prints hosts and addresses', () => {
    const each = anIngress({ rules: ['a', 'b', 'c', 'd'].map((host) => ({ host })), tls: [{}] });
    each.status = { loadBalancer: { ingress: [{ ip: '10.0.0.2' }, { hostname: 'a' }, { ip: '10.0.0.2' }] } };
    expect(cellsOf(ingress.columns, each).slice(1, 5)).toEqual([
      '<none>',
      'a,b,c + 1 more...',
      '10.0.0.2,a',
      '80, 443',
    ]);
    expect(cellsOf(ingress.columns, anIngress({ defaultBackend: backend }))[2]).toBe('*');
  });
});

describe('IngressClass', () => {
  const example = (parameters?: any): IngressClass => ({
    metadata: exampleMeta(),
    spec: { controller: 'example.com/c', ...(parameters && { parameters }) },
  });
  it.each<[IngressClass, string[]]>([
    [example(), []],
    [example({ kind: 'K', name: 'n' }), []],
    [
      example({ kind: 'K', name: 'n', namespace: 'a' }),
      ["spec.parameters.namespace: Forbidden: `parameters.scope` is set to 'Cluster'"],
    ],
    [
      example({ kind: 'K', name: 'n', scope: 'Namespace' }),
      ["spec.parameters.namespace: Required value: `parameters.scope` is set to 'Namespace'"],
    ],
    [example({ kind: '', name: 'n' }), ['spec.parameters.kind: Required value: kind is required']],
  ])('%#', (each, problems) => {
    expect(problemsOnCreate(ingressClass, each)).toEqual(problems);
  });

  it('keeps its controller', () => {
    expect(
      problemsOnUpdate(
        ingressClass,
        created(ingressClass, example()),
        ({ spec }) => (spec.controller = 'example.com/d'),
      ),
    ).toEqual(['spec.controller: Invalid value: "example.com/d": field is immutable']);
  });
});

describe('NetworkPolicy', () => {
  const example = (spec: Partial<NetworkPolicy['spec']>): NetworkPolicy => ({
    metadata: exampleMeta(),
    spec: { podSelector: {}, ...spec },
  });

  it('is about egress only when it says so', () => {
    expect(created(networkPolicy, example({})).spec.policyTypes).toEqual(['Ingress']);
    expect(created(networkPolicy, example({ egress: [{ ports: [{ port: 53 }] }] })).spec).toMatchObject({
      policyTypes: ['Ingress', 'Egress'],
      egress: [{ ports: [{ protocol: 'TCP' }] }],
    });
  });

  it.each<[Partial<NetworkPolicy['spec']>, string[]]>([
    [{ ingress: [{ from: [{}] }] }, ['spec.ingress[0].from[0]: Required value: must specify a peer']],
    [
      { ingress: [{ from: [{ ipBlock: { cidr: '10.0.0.0/16', except: ['10.0.0.0/8'] } }] }] },
      ['spec.ingress[0].from[0].ipBlock.except[0]: Invalid value: "10.0.0.0/8": must be a strict subset of `cidr`'],
    ],
    [
      { ingress: [{ from: [{ podSelector: {}, ipBlock: { cidr: '10.0.0.0/16' } }] }] },
      ['spec.ingress[0].from[0]: Forbidden: may not specify both ipBlock and another peer'],
    ],
    [
      { egress: [{ ports: [{ port: 80, endPort: 79 }] }] },
      ['spec.egress[0].ports[0].endPort: Invalid value: 80: must be greater than or equal to `port`'],
    ],
    [
      { egress: [{ ports: [{ endPort: 79 }] }] },
      ['spec.egress[0].ports[0].endPort: Invalid value: 79: may not be specified when `port` is not specified'],
    ],
    [
      { policyTypes: ['Both'] },
      ['spec.policyTypes[0]: Unsupported value: "Both": supported values: "Ingress", "Egress"'],
    ],
  ])('%j', (spec, problems) => {
    expect(problemsOnCreate(networkPolicy, example(spec))).toEqual(problems);
  });
});

describe('addresses as objects', () => {
  const address = (parentRef: any): IPAddress => ({ metadata: { name: '10.0.0.1' }, spec: { parentRef } });
  it('are named after themselves, in one way only', () => {
    const rules = ['10.0.0.1', '2001:db8::1', '010.0.0.1', '2001:DB8::1', '::ffff:1.2.3.4'].map((name) =>
      ipAddress.strategy!.validateName!(name, false),
    );
    expect(rules).toEqual([
      [],
      [],
      ['must not have leading 0s'],
      ['must be in canonical form ("2001:db8::1")'],
      ['must not be an IPv4-mapped IPv6 address'],
    ]);
  });

  it('belong to something', () => {
    expect(problemsOnCreate(ipAddress, address({ resource: 'services', name: 'a', namespace: 'b' }))).toEqual([]);
    expect(problemsOnCreate(ipAddress, address({ resource: '', name: '' }))).toEqual([
      'spec.parentRef.resource: Required value',
      'spec.parentRef.name: Required value',
    ]);
    expect(cellsOf(ipAddress.columns, address({ group: 'g', resource: 'Rs', namespace: 'b', name: 'a' }))[1]).toBe(
      'rs.g/b/a',
    );
  });

  it.each<[string[], string[]]>([
    [['10.0.0.0/24', '2001:db8::/64'], []],
    [[], ['spec.cidrs: Required value: at least one CIDR required']],
    [
      ['10.0.0.0/24', '10.1.0.0/24'],
      [
        'spec.cidrs: Invalid value: {"CIDRs":["10.0.0.0/24","10.1.0.0/24"]}: may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64',
      ],
    ],
    [['10.0.0.1/24'], ['spec.cidrs[0]: Invalid value: "10.0.0.1/24": must not have bits set beyond the prefix length']],
  ])('come from ranges %j', (cidrs, problems) => {
    const each: ServiceCIDR = { metadata: exampleMeta(), spec: { cidrs } };
    expect(problemsOnCreate(serviceCIDR, each)).toEqual(problems);
  });
});
