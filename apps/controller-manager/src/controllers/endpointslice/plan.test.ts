import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EndpointSlice, Node, Pod, Service } from '@pilothouse/api';
import { LAST_CHANGE_TRIGGER_TIME } from '../trigger-times.ts';
import { MAX_ENDPOINTS, planEndpointSlices } from './plan.ts';

const service = (spec: object = {}, labels: object = {}): Service =>
  ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web', namespace: 'ns', uid: 'service', labels },
    spec: {
      ports: [{ name: 'http', port: 80, targetPort: 8080 }],
      selector: { app: 'web' },
      ipFamilies: ['IPv4'],
      ...spec,
    },
  }) as unknown as Service;

interface Shape {
  readonly ready?: boolean;
  readonly going?: boolean;
  readonly ips?: readonly string[];
  readonly ports?: readonly object[];
}

const pod = (name: string, { ready = true, going = false, ips = ['10.0.0.1'], ports = [] }: Shape = {}): Pod =>
  ({
    metadata: { name, namespace: 'ns', uid: name, ...(going ? { deletionTimestamp: '2026-01-01T00:00:00Z' } : {}) },
    spec: { nodeName: 'node-1', containers: [{ name: 'main', ports }] },
    status: {
      phase: 'Running',
      podIPs: ips.map((ip) => ({ ip })),
      conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }],
    },
  }) as unknown as Pod;

const nodes = new Map<string, Node>([
  [
    'node-1',
    { metadata: { name: 'node-1', labels: { 'topology.kubernetes.io/zone': 'zone-a' } }, spec: {} } as unknown as Node,
  ],
]);

let created = 0;
/** What exists after the plan was carried out. */
function carriedOut(existing: readonly EndpointSlice[], of: Service, pods: readonly Pod[]): EndpointSlice[] {
  const { create, update, delete: remove } = planEndpointSlices(of, pods, existing, nodes);
  const updated = new Map(update.map((slice) => [slice.metadata.name, slice]));
  return [
    ...existing.filter((slice) => !remove.includes(slice)).map((slice) => updated.get(slice.metadata.name) ?? slice),
    ...create.map((slice) => ({ ...slice, metadata: { ...slice.metadata, name: `slice-${created++}` } })),
  ];
}

const sizes = (slices: readonly EndpointSlice[]): number[] => slices.map(({ endpoints }) => endpoints?.length ?? 0);

describe('an endpoint', () => {
  const endpointOf = (of: Service, shape: Shape) => carriedOut([], of, [pod('a', shape)])[0]!.endpoints![0]!;

  it.each<[string, object, Shape, object]>([
    ['of a ready pod', {}, {}, { ready: true, serving: true, terminating: false }],
    ['of a pod that is not ready', {}, { ready: false }, { ready: false, serving: false, terminating: false }],
    [
      'of a pod that still serves on its way out',
      {},
      { going: true },
      { ready: false, serving: true, terminating: true },
    ],
    [
      'published although not ready',
      { publishNotReadyAddresses: true },
      { ready: false },
      { ready: true, serving: false, terminating: false },
    ],
  ])('%s says so', (_, spec, shape, conditions) => {
    expect(endpointOf(service(spec), shape).conditions).toEqual(conditions);
  });

  it('says its pod, node and zone', () => {
    expect(endpointOf(service(), {})).toMatchObject({
      addresses: ['10.0.0.1'],
      nodeName: 'node-1',
      zone: 'zone-a',
      targetRef: { kind: 'Pod', namespace: 'ns', name: 'a', uid: 'a' },
    });
  });
});

describe('the slices of a service', () => {
  it('are one empty slice when there are no pods', () => {
    expect(sizes(carriedOut([], service(), []))).toEqual([0]);
  });

  it('are of each address family', () => {
    const of = service({ ipFamilies: ['IPv4', 'IPv6'] });
    const slices = carriedOut([], of, [pod('a', { ips: ['10.0.0.1', 'fd00::1'] })]);
    expect(slices.map(({ addressType, endpoints }) => [addressType, endpoints![0]!.addresses])).toEqual([
      ['IPv4', ['10.0.0.1']],
      ['IPv6', ['fd00::1']],
    ]);
  });

  it('are apart for pods that mean different numbers by a port', () => {
    const of = service({ ports: [{ name: 'http', port: 80, targetPort: 'web' }] });
    const named = (containerPort: number): Shape => ({ ports: [{ name: 'web', containerPort }] });
    const slices = carriedOut([], of, [pod('a', named(80)), pod('b', named(8080)), pod('c', named(80))]);
    expect(slices.map(({ ports, endpoints }) => [ports![0]!.port, endpoints!.length])).toEqual([
      [80, 2],
      [8080, 1],
    ]);
  });

  it('carry the labels of the service, and mark a headless one', () => {
    const [slice] = carriedOut([], service({ clusterIP: 'None' }, { team: 'a' }), []);
    expect(slice!.metadata.labels).toEqual({
      team: 'a',
      'kubernetes.io/service-name': 'web',
      'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
      'service.kubernetes.io/headless': '',
    });
  });

  it('say since when they were out of date, but are not written for that', () => {
    const { create } = planEndpointSlices(service(), [pod('a')], [], nodes, '2026-01-01T00:00:00Z');
    expect(create[0]!.metadata.annotations).toEqual({ [LAST_CHANGE_TRIGGER_TIME]: '2026-01-01T00:00:00Z' });
    const existing = create.map((slice) => ({ ...slice, metadata: { ...slice.metadata, name: 'a' } }));
    const again = planEndpointSlices(service(), [pod('a')], existing, nodes, '2026-01-01T00:01:00Z');
    expect(again).toEqual({ create: [], update: [], delete: [] });
    const [changed] = planEndpointSlices(service(), [pod('b')], existing, nodes).update;
    expect(changed!.metadata.annotations).toBeUndefined();
  });

  it('are filled before new ones are made, and never overfilled', () => {
    const many = Array.from({ length: 270 }, (_, at) => pod(`p${at}`));
    const first = carriedOut([], service(), many.slice(0, 150));
    expect(sizes(first)).toEqual([100, 50]);
    expect(sizes(carriedOut(first, service(), many))).toEqual([100, 100, 70]);
  });

  it('hold each pod once, in no more than full slices, without moving it, whatever comes and goes', () => {
    const step = fc.uniqueArray(fc.nat({ max: 400 }), { maxLength: 300 });
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 6 }), (steps) => {
        let slices: EndpointSlice[] = [];
        for (const uids of steps) {
          const pods = uids.map((uid) => pod(`p${uid}`));
          const before = new Map(
            slices.flatMap(({ metadata, endpoints }) => endpoints!.map((each) => [each.targetRef!.uid, metadata.name])),
          );
          slices = carriedOut(slices, service(), pods);
          const held = slices.flatMap(({ metadata, endpoints }) =>
            endpoints!.map((each) => [each.targetRef!.uid, metadata.name] as const),
          );
          expect(held).toHaveLength(uids.length);
          expect(new Set(held.map(([uid]) => uid))).toEqual(new Set(uids.map((uid) => `p${uid}`)));
          for (const [uid, slice] of held) if (before.has(uid)) expect(slice).toBe(before.get(uid));
          expect(Math.max(...sizes(slices))).toBeLessThanOrEqual(MAX_ENDPOINTS);
          expect(planEndpointSlices(service(), pods, slices, nodes)).toEqual({ create: [], update: [], delete: [] });
        }
      }),
      { numRuns: 30 },
    );
  });
});
