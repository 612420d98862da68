import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { pods } from '@pilothouse/api';
import type { Container, ResourceRequirements } from '@pilothouse/api';
import { FakeCluster } from '../testing/fake-cluster.ts';

let cluster: FakeCluster;
beforeEach(async () => {
  cluster = await new FakeCluster({ flags: { capacity: { cpu: '4', memory: '8Gi' } } }).start();
});
afterEach(() => cluster.stop());

const cpu = (amount: string): ResourceRequirements => ({ requests: { cpu: amount } });

function create(name: string, amount: string, container: Partial<Container> = {}, annotations = {}): void {
  cluster.createPod(name, { container: { resources: cpu(amount), ...container } }, { annotations });
}

/** As `kubectl patch pod … --subresource resize` stores it. */
function resize(name: string, resources: ResourceRequirements): void {
  const pod = cluster.pod(name);
  const containers = pod.spec.containers.map((container) => ({ ...container, resources }));
  cluster.put(pods, {
    ...pod,
    metadata: { ...pod.metadata, generation: (pod.metadata.generation ?? 0) + 1 },
    spec: { ...pod.spec, containers },
  });
}

const main = (name: string) => cluster.pod(name).status!.containerStatuses![0]!;
const resizeConditions = (name: string) =>
  cluster
    .pod(name)
    .status!.conditions!.filter(({ type }) => type.startsWith('PodResize'))
    .map(({ type, reason, message }) => ({ type, reason, message }));
const eventReasons = (name: string) =>
  cluster.events(name).flatMap((event) => (event.startsWith('Resize') ? [event.split(':')[0]] : []));

describe('a resize in place', () => {
  test('is granted, under way, and done, without a restart', async () => {
    create('web', '1', {}, { 'pilothouse.dev/resize-duration': '5s' });
    await cluster.clock.run(2000);
    const { containerID } = main('web');
    resize('web', cpu('2'));
    await cluster.clock.run(1000);
    expect(resizeConditions('web')).toEqual([{ type: 'PodResizeInProgress' }]);
    expect(main('web')).toMatchObject({ allocatedResources: { cpu: '2' }, resources: cpu('1') });
    expect(cluster.pod('web').status!.observedGeneration).toBe(2);

    await cluster.clock.run(5000);
    expect(resizeConditions('web')).toEqual([]);
    expect(main('web')).toMatchObject({ resources: cpu('2'), restartCount: 0, containerID });
    expect(eventReasons('web')).toEqual(['ResizeStarted', 'ResizeCompleted']);
  });

  test('beyond the node is infeasible: the pod keeps what it has, and says why', async () => {
    create('web', '1');
    await cluster.clock.run(2000);
    resize('web', cpu('100'));
    await cluster.clock.run(1000);
    expect(resizeConditions('web')).toEqual([
      {
        type: 'PodResizePending',
        reason: 'Infeasible',
        message: "Node didn't have enough capacity: cpu, requested: 100000, capacity: 4000",
      },
    ]);
    expect(main('web')).toMatchObject({ allocatedResources: { cpu: '1' }, resources: cpu('1') });
    resize('web', cpu('1'));
    await cluster.clock.run(1000);
    expect(resizeConditions('web')).toEqual([]);
    expect(eventReasons('web')).toEqual(['ResizeInfeasible']);
  });

  test('for which others leave no room is deferred, and done as soon as one of them goes', async () => {
    create('neighbour', '2');
    create('web', '1');
    await cluster.clock.run(2000);
    resize('web', cpu('3'));
    await cluster.clock.run(1000);
    expect(resizeConditions('web')).toEqual([
      {
        type: 'PodResizePending',
        reason: 'Deferred',
        message: "Node didn't have enough resource: cpu, requested: 3000, used: 2000, capacity: 4000",
      },
    ]);
    cluster.remove(pods, 'neighbour', 'default');
    await cluster.clock.run(1000);
    expect(resizeConditions('web')).toEqual([]);
    expect(main('web').resources).toEqual(cpu('3'));
  });

  test('that shrinks one pod makes room for another', async () => {
    create('neighbour', '3');
    create('web', '1');
    await cluster.clock.run(2000);
    resize('web', cpu('2'));
    await cluster.clock.run(1000);
    expect(resizeConditions('web')[0]).toMatchObject({ reason: 'Deferred' });
    resize('neighbour', cpu('1'));
    await cluster.clock.run(1000);
    expect(main('web').resources).toEqual(cpu('2'));
  });

  test('restarts the container where its policy says so', async () => {
    create('web', '1', { resizePolicy: [{ resourceName: 'cpu', restartPolicy: 'RestartContainer' }] });
    await cluster.clock.run(2000);
    resize('web', cpu('2'));
    await cluster.clock.run(5000);
    expect(main('web')).toMatchObject({ restartCount: 1, ready: true, resources: cpu('2') });
    expect(resizeConditions('web')).toEqual([]);
    expect(cluster.events('web')).toContain('Killing: Container main resize requires restart');
    expect(eventReasons('web')).toEqual(['ResizeStarted', 'ResizeCompleted']);
  });

  test('the same amount in other words is none', async () => {
    create('web', '1');
    await cluster.clock.run(2000);
    resize('web', cpu('1000m'));
    await cluster.clock.run(1000);
    expect(eventReasons('web')).toEqual([]);
  });

  test('what was granted outlives the kubelet', async () => {
    create('neighbour', '2');
    create('web', '1');
    await cluster.clock.run(2000);
    resize('web', cpu('3'));
    await cluster.clock.run(1000);
    await cluster.restart();
    await cluster.clock.run(1000);
    expect(resizeConditions('web')[0]).toMatchObject({ reason: 'Deferred' });
    expect(main('web')).toMatchObject({ allocatedResources: { cpu: '1' }, restartCount: 0 });
  });
});
