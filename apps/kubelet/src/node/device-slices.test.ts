import { afterEach, describe, expect, test } from 'vitest';
import { nodes, resourceslices } from '@pilothouse/api';
import { FakeCluster } from '../testing/fake-cluster.ts';

let cluster: FakeCluster;
afterEach(() => cluster.stop());

const devices = (driver: string) =>
  cluster.read(resourceslices, `node-1-${driver}`, '').spec.devices!.map(({ name }) => name);

describe('simulated devices', () => {
  test('of the flags are published as a slice of the node', async () => {
    cluster = await new FakeCluster({ flags: { devices: { 'gpu.example.com': '2' } } }).start();
    await cluster.clock.run(20_000);
    expect(devices('gpu.example.com')).toEqual(['device-0', 'device-1']);
    expect(cluster.read(resourceslices, 'node-1-gpu.example.com', '')).toMatchObject({
      metadata: { ownerReferences: [{ kind: 'Node', name: 'node-1' }] },
      spec: { nodeName: 'node-1', pool: { name: 'node-1', generation: 1, resourceSliceCount: 1 } },
    });
  });

  test('of the annotation follow it, each change as a new generation', async () => {
    cluster = await new FakeCluster().start();
    const annotate = async (value?: string): Promise<void> => {
      const node = cluster.node();
      const annotations: Record<string, string> = value === undefined ? {} : { 'pilothouse.dev/devices': value };
      cluster.put(nodes, { ...node, metadata: { ...node.metadata, annotations } });
      await cluster.clock.run(1_000);
    };
    await annotate('gpu.example.com=1,broken=x,=3');
    expect(devices('gpu.example.com')).toEqual(['device-0']);
    await annotate('gpu.example.com=2');
    expect(devices('gpu.example.com')).toEqual(['device-0', 'device-1']);
    expect(cluster.read(resourceslices, 'node-1-gpu.example.com', '').spec.pool.generation).toBe(2);
    await annotate();
    expect(() => devices('gpu.example.com')).toThrow('not found');
  });
});
