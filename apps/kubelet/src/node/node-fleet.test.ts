import { afterEach, describe, expect, test } from 'vitest';
import { leases, nodes } from '@pilothouse/api';
import { FakeCluster } from '../testing/fake-cluster.ts';
import type { KubeletFlags } from '../kubelet-options.ts';

let cluster: FakeCluster;
const start = async (flags: Partial<KubeletFlags> = {}) => (cluster = await new FakeCluster({ flags }).start());
afterEach(() => cluster.stop());

const count = (request: string) => cluster.requests.filter((each) => each === request).length;

describe('registration', () => {
  test('makes a node as a kubelet does: labels, taints, capacity, addresses, conditions', async () => {
    await start({
      nodeLabels: { zone: 'a' },
      registerWithTaints: ['dedicated=gpu:NoSchedule'],
      maxPods: 50,
      capacity: { cpu: '4', memory: '8Gi', 'example.com/gpu': '2' },
    });
    const node = cluster.node();
    expect(node.metadata.labels).toMatchObject({
      'kubernetes.io/hostname': 'node-1',
      'kubernetes.io/os': 'linux',
      'kubernetes.io/arch': 'amd64',
      zone: 'a',
    });
    expect(node.spec!.taints).toEqual([{ key: 'dedicated', value: 'gpu', effect: 'NoSchedule' }]);
    expect(node.status).toMatchObject({
      capacity: { cpu: '4', memory: '8Gi', pods: '50', 'example.com/gpu': '2', 'hugepages-2Mi': '0' },
      allocatable: { cpu: '4', memory: '8092Mi', pods: '50' },
      addresses: [
        { type: 'InternalIP', address: '127.0.0.1' },
        { type: 'Hostname', address: 'node-1' },
      ],
      daemonEndpoints: { kubeletEndpoint: { Port: 10250 } },
      nodeInfo: { kubeletVersion: 'v1.36.0', operatingSystem: 'linux' },
    });
    expect(node.status!.conditions!.map(({ type, status, reason }) => [type, status, reason])).toEqual([
      ['MemoryPressure', 'False', 'KubeletHasSufficientMemory'],
      ['DiskPressure', 'False', 'KubeletHasNoDiskPressure'],
      ['PIDPressure', 'False', 'KubeletHasSufficientPID'],
      ['Ready', 'True', 'KubeletReady'],
    ]);
    expect(cluster.events('node-1')).toContain('NodeReady: Node node-1 status is now: NodeReady');
  });

  test('takes over a node that is there, keeping its labels, and makes it Ready again', async () => {
    await start();
    const node = cluster.node();
    const lost = node.status!.conditions!.map((condition) => ({
      ...condition,
      status: 'Unknown',
      reason: 'NodeStatusUnknown',
    }));
    cluster.put(nodes, {
      ...node,
      metadata: { ...node.metadata, labels: { mine: 'yes' } },
      status: { ...node.status, conditions: lost },
    });
    await cluster.clock.run(60_000);
    await cluster.restart();
    expect(cluster.node().metadata.labels).toMatchObject({ mine: 'yes', 'kubernetes.io/hostname': 'node-1' });
    expect(cluster.node().status!.conditions!.find(({ type }) => type === 'Ready')).toMatchObject({ status: 'True' });
  });
});

describe('the heartbeat', () => {
  test('renews the lease every ten seconds', async () => {
    await start();
    await cluster.clock.run(60_000);
    expect(count('create leases kube-node-lease/node-1')).toBe(1);
    expect(count('update leases kube-node-lease/node-1')).toBe(6);
    const lease = cluster.read(leases, 'node-1', 'kube-node-lease');
    expect(lease.spec).toMatchObject({
      holderIdentity: 'node-1',
      leaseDurationSeconds: 40,
      renewTime: '2030-01-01T00:00:55.000000Z',
    });
    expect(lease.metadata.ownerReferences).toMatchObject([{ kind: 'Node', name: 'node-1' }]);
  });

  test('of many nodes is spread evenly over the interval', async () => {
    await start({ nodes: 100 });
    const before = cluster.requests.length;
    const perSecond: number[] = [];
    for (let second = 0; second < 20; second++) {
      const { length } = cluster.requests;
      await cluster.clock.run(1000);
      perSecond.push(cluster.requests.slice(length).filter((request) => request.startsWith('update leases')).length);
    }
    expect(cluster.requests.length - before).toBeGreaterThan(100);
    expect(Math.max(...perSecond)).toBeLessThanOrEqual(25);
  });

  test('writes the status every five minutes, and when something changed', async () => {
    await start();
    await cluster.clock.run(290_000);
    expect(count('patch nodes node-1/status')).toBe(0);
    await cluster.clock.run(20_000);
    expect(count('patch nodes node-1/status')).toBe(1);
    cluster.createPod('web');
    await cluster.clock.run(12_000);
    expect(cluster.node().status!.images![0]!.names).toContain('docker.io/library/nginx:latest');
    expect(count('patch nodes node-1/status')).toBe(2);
  });
});

test('the pod range of the node is respected once it has one', async () => {
  await start();
  cluster.put(nodes, { ...cluster.node(), spec: { podCIDR: '172.16.3.0/24' } });
  cluster.createPod('web');
  await cluster.clock.run(1000);
  expect(cluster.pod('web').status!.podIP).toBe('172.16.3.2');
});
