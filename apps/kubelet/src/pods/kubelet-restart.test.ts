import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FakeCluster } from '../testing/fake-cluster.ts';

let cluster: FakeCluster;
beforeEach(async () => {
  cluster = await new FakeCluster().start();
});
afterEach(() => cluster.stop());

const main = (name: string) => cluster.pod(name).status!.containerStatuses![0]!;

describe('when the kubelet starts again', () => {
  test('what ran keeps running: same container, same address, no restart, nothing written', async () => {
    cluster.createPod('web');
    await cluster.clock.run(5000);
    const before = cluster.pod('web').status;
    await cluster.restart();
    await cluster.clock.run(5000);
    expect(cluster.pod('web').status).toEqual(before);
    expect(cluster.events('web').filter((event) => event.startsWith('Started'))).toHaveLength(1);
  });

  test('a command goes on where it would be by now', async () => {
    cluster.createPod('task', { restartPolicy: 'Never', container: { image: 'busybox', command: ['sleep', '60'] } });
    await cluster.clock.run(40_000);
    await cluster.restart();
    await cluster.clock.run(10_000);
    expect(cluster.state('task')).toBe('Running');
    await cluster.clock.run(15_000);
    expect(cluster.state('task')).toBe('Succeeded');
  });

  test('a crash loop goes on counting', async () => {
    cluster.createPod('crash', {}, { annotations: { 'pilothouse.dev/crash-loop': 'true' } });
    await cluster.clock.run(30_000);
    const { restartCount } = main('crash');
    await cluster.restart();
    await cluster.clock.run(10_000);
    expect(main('crash').restartCount).toBeGreaterThanOrEqual(restartCount);
    await cluster.clock.run(60_000);
    expect(main('crash').restartCount).toBeGreaterThan(restartCount);
  });

  test('a pod that is over stays over, and can still be deleted', async () => {
    cluster.createPod('done', { restartPolicy: 'Never', container: { command: ['true'] } });
    await cluster.clock.run(5000);
    await cluster.restart();
    await cluster.clock.run(5000);
    expect(cluster.state('done')).toBe('Succeeded');
    cluster.deletePod('done');
    await cluster.clock.run(1000);
    expect(cluster.podExists('done')).toBe(false);
  });

  test('a pod that was deleted meanwhile is finished', async () => {
    cluster.createPod('web');
    await cluster.clock.run(5000);
    await cluster.kubelet.stop();
    cluster.deletePod('web');
    await cluster.restart();
    await cluster.clock.run(5000);
    expect(cluster.podExists('web')).toBe(false);
  });
});
