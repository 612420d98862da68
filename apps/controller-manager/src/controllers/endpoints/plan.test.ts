import { describe, expect, it } from 'vitest';
import type { Endpoints, Pod, Service } from '@pilothouse/api';
import { LAST_CHANGE_TRIGGER_TIME } from '../trigger-times.ts';
import { MAX_ADDRESSES, OVER_CAPACITY, planEndpoints, planSubsets } from './plan.ts';

const service = (spec: object = {}): Service =>
  ({
    metadata: { name: 'web', namespace: 'ns', labels: { team: 'a' } },
    spec: { ports: [{ name: 'http', port: 80, targetPort: 8080 }], ipFamilies: ['IPv4'], ...spec },
  }) as unknown as Service;

const pod = (name: string, ip: string, { ready = true, going = false, ports = [] as object[] } = {}): Pod =>
  ({
    metadata: { name, namespace: 'ns', uid: name, ...(going ? { deletionTimestamp: '2026-01-01T00:00:00Z' } : {}) },
    spec: { nodeName: 'node-1', containers: [{ name: 'main', ports }] },
    status: { phase: 'Running', podIP: ip, conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
  }) as unknown as Pod;

const ips = (addresses: readonly { ip: string }[] | undefined): string[] => (addresses ?? []).map(({ ip }) => ip);

describe('the subsets of an Endpoints object', () => {
  it('tell ready pods from others, in the order of addresses', () => {
    const [subset] = planSubsets(service(), [
      pod('b', '10.0.0.2'),
      pod('a', '10.0.0.1'),
      pod('c', '10.0.0.3', { ready: false }),
    ]);
    expect(ips(subset!.addresses)).toEqual(['10.0.0.1', '10.0.0.2']);
    expect(ips(subset!.notReadyAddresses)).toEqual(['10.0.0.3']);
    expect(subset!.ports).toEqual([{ name: 'http', port: 8080, protocol: 'TCP' }]);
  });

  it('leave out pods that are going, unless unready ones are published', () => {
    const going = pod('a', '10.0.0.1', { going: true });
    expect(planSubsets(service(), [going])).toEqual([]);
    expect(planSubsets(service({ publishNotReadyAddresses: true }), [going])).toHaveLength(1);
  });

  it('are apart for pods that mean different numbers by a port, and leave out pods without it', () => {
    const of = service({ ports: [{ name: 'http', port: 80, targetPort: 'web' }] });
    const named = (containerPort: number) => ({ ports: [{ name: 'web', containerPort }] });
    const subsets = planSubsets(of, [
      pod('a', '10.0.0.1', named(80)),
      pod('b', '10.0.0.2', named(81)),
      pod('c', '10.0.0.3'),
    ]);
    expect(subsets.map(({ addresses, ports }) => [ips(addresses), ports![0]!.port])).toEqual([
      [['10.0.0.1'], 80],
      [['10.0.0.2'], 81],
    ]);
  });
});

describe('an Endpoints object', () => {
  it('carries the labels of its service, and since when it was out of date', () => {
    const { metadata } = planEndpoints(service({ clusterIP: 'None' }), [], undefined, '2026-01-01T00:00:00Z');
    expect(metadata).toEqual({
      name: 'web',
      namespace: 'ns',
      labels: {
        team: 'a',
        'endpoints.kubernetes.io/managed-by': 'endpoint-controller',
        'service.kubernetes.io/headless': '',
      },
      annotations: { [LAST_CHANGE_TRIGGER_TIME]: '2026-01-01T00:00:00Z' },
    });
  });

  it('says that it is truncated, rather leaving out what is not ready, and takes it back', () => {
    const address = (at: number): string => `10.0.${Math.floor(at / 250)}.${at % 250}`;
    const pods = Array.from({ length: MAX_ADDRESSES + 5 }, (_, at) => pod(`p${at}`, address(at), { ready: at >= 10 }));
    const full = planEndpoints(service(), pods, undefined);
    expect(full.metadata.annotations).toEqual({ [OVER_CAPACITY]: 'truncated' });
    expect(full.subsets![0]!.addresses).toHaveLength(MAX_ADDRESSES - 5);
    expect(full.subsets![0]!.notReadyAddresses).toHaveLength(5);
    const after: Endpoints = planEndpoints(service(), pods.slice(0, 3), full);
    expect(after.metadata.annotations).toBeUndefined();
  });
});
