import { describe, expect, test } from 'vitest';
import type { FrameworkHandle } from './framework/handle.ts';
import type { Plugin, PluginFactory } from './framework/plugin.ts';
import { unschedulable, WAIT } from './framework/status.ts';
import { PLUGINS } from './plugins/index.ts';
import { FakeCluster } from './testing/fake-cluster.ts';
import { node, pod } from './testing/objects.ts';

/** A cluster whose default profile has one plugin more. */
function withPlugin(plugin: Omit<Plugin, 'name'>, onBuild?: (handle: FrameworkHandle) => void): FakeCluster {
  const factory: PluginFactory = {
    name: 'Extra',
    build(_args, handle) {
      onBuild?.(handle);
      return { name: 'Extra', ...plugin };
    },
  };
  const profiles = [{ schedulerName: 'default-scheduler', plugins: { multiPoint: { enabled: [{ name: 'Extra' }] } } }];
  return new FakeCluster({ configuration: { profiles }, plugins: [...PLUGINS, factory] });
}

const condition = (cluster: FakeCluster, name: string) =>
  cluster.pod(name).status?.conditions?.find(({ type }) => type === 'PodScheduled');

describe('a pod that fits', () => {
  test('is bound, and said to be', async () => {
    const cluster = new FakeCluster().apply(node('a'), pod('p'));
    await cluster.settle();
    expect(cluster.nodeOf('p')).toBe('a');
    expect(cluster.events).toEqual([
      { pod: 'p', type: 'Normal', reason: 'Scheduled', message: 'Successfully assigned default/p to a' },
    ]);
  });

  test('takes its room before the apiserver has answered', async () => {
    const cluster = new FakeCluster().apply(
      node('a', { cpu: '1' }),
      pod('p', { requests: { cpu: '1' } }),
      pod('q', { requests: { cpu: '1' } }),
    );
    const { scheduler, queue, cache } = cluster.built;
    const first = scheduler.scheduleOne(queue.pop()!);
    expect(cluster.nodeOf('p')).toBeUndefined();
    expect(cache.isAssumed('uid-p')).toBe(true);
    await scheduler.scheduleOne(queue.pop()!);
    await first;
    expect(cluster.nodeOf('p')).toBe('a');
    expect(cluster.messages('q')[0]).toContain('1 Insufficient cpu.');
  });
});

describe('a pod that fits nowhere', () => {
  test('gets an event and a condition that say why', async () => {
    const cluster = new FakeCluster().apply(
      node('a', { taints: [{ key: 'k', value: 'v', effect: 'NoSchedule' }] }),
      node('b', { cpu: '1' }),
      node('c', { cpu: '1' }),
      pod('p', { requests: { cpu: '2' } }),
    );
    await cluster.settle();
    const message =
      '0/3 nodes are available: 1 node(s) had untolerated taint(s), 2 Insufficient cpu. no new claims to deallocate, preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.';
    expect(cluster.events).toEqual([{ pod: 'p', type: 'Warning', reason: 'FailedScheduling', message }]);
    expect(condition(cluster, 'p')).toMatchObject({ status: 'False', reason: 'Unschedulable', message });
  });

  test('gets a node when one comes that does', async () => {
    const cluster = new FakeCluster().apply(node('a', { cpu: '1' }), pod('p', { requests: { cpu: '2' } }));
    await cluster.settle();
    cluster.apply(node('b', { cpu: '1' }));
    await cluster.settle();
    expect(cluster.messages('p')).toHaveLength(1);
    cluster.apply(node('c', { cpu: '2' }));
    await cluster.settle();
    expect(cluster.nodeOf('p')).toBe('c');
  });

  test('without any nodes is told so, and tried again later', async () => {
    const cluster = new FakeCluster().apply(pod('p'));
    await cluster.settle();
    expect(cluster.messages('p')).toEqual(['no nodes available to schedule pods']);
    expect(condition(cluster, 'p')).toMatchObject({ reason: 'Unschedulable' });
    cluster.apply(node('a'));
    await cluster.clock.run(1000);
    await cluster.settle();
    expect(cluster.nodeOf('p')).toBe('a');
  });
});

describe('when binding fails', () => {
  test('the room is given back and the pod is tried again after its backoff', async () => {
    const cluster = new FakeCluster().apply(node('a', { cpu: '1' }));
    cluster.bindErrors.push(new Error('the apiserver is busy'));
    cluster.apply(pod('p', { requests: { cpu: '1' } }));
    await cluster.settle();
    expect(cluster.messages('p')).toEqual(['running Bind plugin "DefaultBinder": the apiserver is busy']);
    expect(condition(cluster, 'p')).toMatchObject({ reason: 'SchedulerError' });
    expect(cluster.built.cache.snapshot.get('a')!.requested.milliCpu).toBe(0);
    await cluster.clock.run(1000);
    await cluster.settle();
    expect(cluster.nodeOf('p')).toBe('a');
  });

  test('because the pod is gone, nothing remains of it', async () => {
    const cluster = new FakeCluster().apply(node('a'), pod('p'));
    const queued = cluster.built.queue.pop()!;
    const binding = cluster.built.scheduler.scheduleOne(queued);
    cluster.deletePod('p');
    await binding;
    expect(cluster.built.queue.placeOf('uid-p')).toBeUndefined();
    expect(cluster.built.cache.counts()).toEqual({ nodes: 1, pods: 0, assumedPods: 0 });
  });
});

describe('plugins of a profile', () => {
  test('that throw make the attempt fail with an error', async () => {
    const cluster = withPlugin({
      filter() {
        throw new Error('boom');
      },
    }).apply(node('a'), pod('p'));
    await cluster.settle();
    expect(cluster.messages('p')).toEqual(['running Filter plugin "Extra": boom']);
    expect(condition(cluster, 'p')).toMatchObject({ reason: 'SchedulerError' });
  });

  test('that score out of range make the attempt fail', async () => {
    const cluster = withPlugin({ score: () => 101 }).apply(node('a'), node('b'), pod('p'));
    await cluster.settle();
    expect(cluster.messages('p')[0]).toContain('plugin "Extra" returns an invalid score 101');
  });

  test('that reject at reserve undo what others reserved', async () => {
    const calls: string[] = [];
    const cluster = withPlugin({
      reserve: () => unschedulable('no licence left'),
      unreserve: (_state, _pod, nodeName) => void calls.push(nodeName),
    }).apply(node('a'), pod('p'));
    await cluster.settle();
    expect(calls).toEqual(['a']);
    expect(cluster.messages('p')).toEqual(['0/1 nodes are available: 1 no licence left.']);
    expect(cluster.built.cache.counts().pods).toBe(0);
  });

  test('that say wait at permit hold the binding until they allow it', async () => {
    const cluster = withPlugin({ permit: () => ({ status: WAIT, timeoutMs: 5000 }) }).apply(node('a'), pod('p'));
    const { scheduler, queue, waitingPods } = cluster.built;
    const attempt = scheduler.scheduleOne(queue.pop()!);
    await cluster.clock.run(4999);
    expect(cluster.nodeOf('p')).toBeUndefined();
    waitingPods.get('uid-p')!.allow('Extra');
    await attempt;
    expect(cluster.nodeOf('p')).toBe('a');
  });

  test('that let a pod wait too long reject it', async () => {
    const cluster = withPlugin({ permit: () => ({ status: WAIT, timeoutMs: 5000 }) }).apply(node('a'), pod('p'));
    const attempt = cluster.built.scheduler.scheduleOne(cluster.built.queue.pop()!);
    await cluster.clock.run(5000);
    await attempt;
    expect(cluster.messages('p')).toEqual([
      '0/1 nodes are available: 1 rejected due to timeout after waiting 5s at plugin Extra.',
    ]);
    expect(cluster.built.queue.counts().unschedulable).toBe(1);
  });

  test('can put a pod back by name', async () => {
    let handle: FrameworkHandle | undefined;
    let open = false;
    const cluster = withPlugin(
      { filter: () => (open ? undefined : unschedulable('closed')), events: [] },
      (given) => (handle = given),
    );
    cluster.apply(node('a'), pod('p'));
    await cluster.settle();
    open = true;
    handle!.activate([cluster.pod('p')]);
    await cluster.settle();
    expect(cluster.nodeOf('p')).toBe('a');
  });
});

describe('which pods are ours', () => {
  test('those of a profile, each with its own plugins', async () => {
    const profiles = [
      { schedulerName: 'default-scheduler' },
      { schedulerName: 'careless', plugins: { filter: { disabled: [{ name: 'TaintToleration' }] } } },
    ];
    const cluster = new FakeCluster({ configuration: { profiles } }).apply(
      node('a', { taints: [{ key: 'k', effect: 'NoSchedule' }] }),
      pod('careful'),
      pod('careless', { spec: { schedulerName: 'careless' } }),
      pod('foreign', { spec: { schedulerName: 'another' } }),
    );
    await cluster.settle();
    expect(cluster.nodeOf('careless')).toBe('a');
    expect(cluster.messages('careful')).toHaveLength(1);
    expect(cluster.events.filter((event) => event.pod === 'foreign')).toEqual([]);
  });

  test('not those being deleted', async () => {
    const cluster = new FakeCluster().apply(
      node('a'),
      pod('p', { metadata: { deletionTimestamp: '2030-01-01T00:00:00Z' } }),
    );
    await cluster.settle();
    expect(cluster.nodeOf('p')).toBeUndefined();
    expect(cluster.messages('p')).toEqual(['skip schedule deleting pod: default/p']);
  });

  test('finished pods take no room', async () => {
    const done = pod('done', { on: 'a', requests: { cpu: '1' }, status: { phase: 'Succeeded' } });
    const cluster = new FakeCluster().apply(node('a', { cpu: '1' }), done, pod('p', { requests: { cpu: '1' } }));
    await cluster.settle();
    expect(cluster.nodeOf('p')).toBe('a');
  });
});

test('run schedules until it is told to stop', async () => {
  const cluster = new FakeCluster().apply(node('a'));
  const stop = new AbortController();
  const running = cluster.built.scheduler.run(stop.signal);
  cluster.apply(pod('p'));
  await cluster.clock.run(0);
  await cluster.clock.run(0);
  expect(cluster.nodeOf('p')).toBe('a');
  stop.abort();
  await running;
});

test('attempts are counted by result', async () => {
  const cluster = new FakeCluster().apply(node('a', { cpu: '1' }), pod('p'), pod('big', { requests: { cpu: '2' } }));
  await cluster.settle();
  const exposed = cluster.metrics.expose();
  expect(exposed).toContain('scheduler_schedule_attempts_total{profile="default-scheduler",result="scheduled"} 1');
  expect(exposed).toContain('scheduler_schedule_attempts_total{profile="default-scheduler",result="unschedulable"} 1');
  expect(exposed).toContain('scheduler_pending_pods{queue="unschedulable"} 1');
});
