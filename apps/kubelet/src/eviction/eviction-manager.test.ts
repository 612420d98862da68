import { afterEach, beforeEach, expect, test } from 'vitest';
import { nodes } from '@pilothouse/api';
import { FakeCluster } from '../testing/fake-cluster.ts';

let cluster: FakeCluster;
beforeEach(async () => {
  cluster = await new FakeCluster().start();
});
afterEach(() => cluster.stop());

const setPressure = (pressure: string): void => {
  const node = cluster.node();
  const annotations = { ...node.metadata.annotations, 'pilothouse.dev/pressure': pressure };
  cluster.put(nodes, { ...node, metadata: { ...node.metadata, annotations } });
};
const condition = (type: string) => cluster.node().status?.conditions?.find((each) => each.type === type);

test('a node that is short of memory says so, evicts one pod after the other and takes no best-effort ones', async () => {
  const requests = { memory: '1Gi' };
  cluster.createPod('modest', { container: { resources: { requests } } });
  cluster.createPod('greedy', {}, { annotations: { 'pilothouse.dev/memory-usage': '64Mi' } });
  await cluster.clock.run(2_000);
  expect([cluster.state('modest'), cluster.state('greedy')]).toEqual(['Running', 'Running']);

  setPressure('memory');
  await cluster.clock.run(1_000);
  expect(condition('MemoryPressure')).toMatchObject({ status: 'True', reason: 'KubeletHasInsufficientMemory' });
  expect(cluster.events('node-1')).toContain(
    'NodeHasInsufficientMemory: Node node-1 status is now: NodeHasInsufficientMemory',
  );
  cluster.createPod('late');
  cluster.createPod('asking', { container: { resources: { requests } } });

  await cluster.clock.run(11_000);
  const message =
    'The node was low on resource: memory. Threshold quantity: 100Mi, available: 50Mi. Container main was using 64Mi, request is 0, has larger consumption of memory. ';
  expect(cluster.pod('greedy').status).toMatchObject({ phase: 'Failed', reason: 'Evicted', message });
  expect(cluster.pod('greedy').status!.conditions).toContainEqual(
    expect.objectContaining({ type: 'DisruptionTarget', status: 'True', reason: 'TerminationByKubelet', message }),
  );
  expect(cluster.events('greedy')).toContain(`Evicted: ${message}`);
  expect(cluster.pod('late').status).toMatchObject({
    phase: 'Failed',
    reason: 'Evicted',
    message: 'Pod was rejected: The node had condition: [MemoryPressure]. ',
  });
  expect([cluster.state('modest'), cluster.state('asking')]).toEqual(['Running', 'Running']);

  setPressure('');
  await cluster.clock.run(30_000);
  expect(condition('MemoryPressure')).toMatchObject({ status: 'False', reason: 'KubeletHasSufficientMemory' });
  expect([cluster.state('modest'), cluster.state('asking')]).toEqual(['Running', 'Running']);
});
