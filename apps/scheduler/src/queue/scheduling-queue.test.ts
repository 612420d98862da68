import type { Pod } from '@pilothouse/api';
import { FakeClock, MetricsRegistry } from '@pilothouse/component';
import { beforeEach, describe, expect, test } from 'vitest';
import { Action, ClusterEvents, type QueueingHint } from '../framework/cluster-event.ts';
import { unresolvable } from '../framework/status.ts';
import { SchedulerMetrics } from '../metrics.ts';
import { node, pod } from '../testing/objects.ts';
import { NominatedPods } from './nominated-pods.ts';
import type { QueuedPodInfo } from './queued-pod-info.ts';
import { SchedulingQueue } from './scheduling-queue.ts';

let clock: FakeClock;
let queue: SchedulingQueue;
let hint: QueueingHint;
let gates: Set<string>;

beforeEach(() => {
  clock = new FakeClock();
  hint = 'Queue';
  gates = new Set();
  const profile = {
    preEnqueue: [
      { name: 'Gate', preEnqueue: (p: Pod) => (gates.has(p.metadata.name!) ? unresolvable('gated') : undefined) },
    ],
    events: new Map([
      ['Fit', [{ resource: 'Node' as const, actions: Action.Add, hint: () => hint }]],
      ['Gate', [{ resource: 'TargetPod' as const, actions: Action.UpdatePodLabel }]],
    ]),
  };
  queue = new SchedulingQueue({
    less: (a, b) => (a.info.priority !== b.info.priority ? a.info.priority > b.info.priority : a.sequence < b.sequence),
    profiles: new Map([['default-scheduler', profile]]),
    clock,
    backoff: { initialMs: 1000, maxMs: 10_000 },
    nominatedPods: new NominatedPods(),
    metrics: new SchedulerMetrics(new MetricsRegistry()),
  });
});

/** Takes the next pod and has it rejected by these plugins; without any, the attempt failed with an error. */
function reject(...plugins: string[]): QueuedPodInfo {
  const queued = queue.pop()!;
  queued.unschedulablePlugins = new Set(plugins);
  queue.addUnschedulable(queued);
  return queued;
}

const nodeAdded = () => queue.moveAll(ClusterEvents.nodeAdd, undefined, node('new'));

describe('a rejected pod', () => {
  test('waits for an event that its plugin registered', () => {
    queue.add(pod('p'));
    reject('Fit');
    expect(queue.placeOf('uid-p')).toBe('unschedulable');
    queue.moveAll(ClusterEvents.nodeDelete, node('x'), undefined);
    expect(queue.placeOf('uid-p')).toBe('unschedulable');
    nodeAdded();
    expect(queue.placeOf('uid-p')).toBe('backoff');
  });

  test('stays if the hint says that this event does not help', () => {
    queue.add(pod('p'));
    reject('Fit');
    hint = 'QueueSkip';
    nodeAdded();
    expect(queue.placeOf('uid-p')).toBe('unschedulable');
  });

  test('goes to the active queue at once when its backoff is over', () => {
    queue.add(pod('p'));
    reject('Fit');
    clock.step(1000);
    nodeAdded();
    expect(queue.placeOf('uid-p')).toBe('active');
  });

  test('is taken from the backoff queue when nothing else is to do', () => {
    queue.add(pod('p'));
    reject('Fit');
    nodeAdded();
    expect(queue.placeOf('uid-p')).toBe('backoff');
    expect(queue.pop()?.info.name).toBe('p');
  });

  test('of a plugin without events is brought back by any', () => {
    queue.add(pod('p'));
    reject('Unknown');
    queue.moveAll(ClusterEvents.nodeDelete, node('x'), undefined);
    expect(queue.placeOf('uid-p')).toBe('backoff');
  });

  test('is tried again after five minutes whatever happened', () => {
    queue.add(pod('p'));
    reject('Fit');
    clock.step(5 * 60_000);
    expect(queue.placeOf('uid-p')).toBe('unschedulable');
    clock.step(30_000);
    expect(queue.placeOf('uid-p')).toBe('active');
  });

  test('that was Pending skips the backoff', () => {
    queue.add(pod('p'));
    const queued = queue.pop()!;
    queued.pendingPlugins = new Set(['Fit']);
    queue.addUnschedulable(queued);
    nodeAdded();
    expect(queue.placeOf('uid-p')).toBe('active');
  });

  test('is activated by name', () => {
    queue.add(pod('p'));
    reject('Fit');
    queue.activate([pod('p')]);
    expect(queue.placeOf('uid-p')).toBe('active');
  });

  test('is gone when it is deleted', () => {
    queue.add(pod('p'));
    reject('Fit');
    queue.delete(pod('p'));
    nodeAdded();
    expect(queue.placeOf('uid-p')).toBeUndefined();
  });
});

describe('backoff', () => {
  test('doubles with each rejection up to the maximum', () => {
    queue.add(pod('p'));
    const waitsMs: number[] = [];
    for (let i = 0; i < 6; i++) {
      reject('Fit');
      nodeAdded();
      const startMs = clock.monotonicMs();
      while (queue.placeOf('uid-p') === 'backoff') clock.step(clock.nextTimerMs!);
      waitsMs.push(clock.monotonicMs() - startMs);
    }
    expect(waitsMs).toEqual([1000, 2000, 4000, 8000, 10_000, 10_000]);
  });

  test('after an error is waited out even when nothing else is to do', () => {
    queue.add(pod('p'));
    reject();
    expect(queue.pop()).toBeUndefined();
    clock.step(999);
    expect(queue.pop()).toBeUndefined();
    clock.step(1);
    expect(queue.pop()?.info.name).toBe('p');
  });
});

describe('while a pod is out of the queue', () => {
  test('an event that helps it is remembered', () => {
    queue.add(pod('p'));
    const queued = queue.pop()!;
    nodeAdded();
    queued.unschedulablePlugins = new Set(['Fit']);
    queue.addUnschedulable(queued);
    expect(queue.placeOf('uid-p')).toBe('backoff');
  });

  test('an event before that is not', () => {
    queue.add(pod('p'));
    nodeAdded();
    reject('Fit');
    expect(queue.placeOf('uid-p')).toBe('unschedulable');
  });

  test('an update does not put it in twice', () => {
    queue.add(pod('p'));
    queue.pop();
    queue.update(pod('p'), pod('p', { labels: { new: 'label' } }));
    expect(queue.pop()).toBeUndefined();
  });
});

describe('an update', () => {
  test('of the status leaves a rejected pod where it is', () => {
    queue.add(pod('p'));
    reject('Gate');
    queue.update(pod('p'), pod('p', { status: { phase: 'Pending', message: 'x' } }));
    expect(queue.placeOf('uid-p')).toBe('unschedulable');
  });

  test('of what its plugin asked for brings a rejected pod back', () => {
    queue.add(pod('p'));
    reject('Gate');
    queue.update(pod('p'), pod('p', { labels: { new: 'label' } }));
    expect(queue.placeOf('uid-p')).toBe('backoff');
  });

  test('of the priority reorders the active queue', () => {
    queue.add(pod('p'));
    queue.add(pod('q'));
    queue.update(pod('q'), pod('q', { priority: 1 }));
    expect(queue.pop()?.info.name).toBe('q');
  });
});

test('a gated pod does not come in, by whatever event, until the gate opens', () => {
  gates.add('p');
  queue.add(pod('p'));
  queue.activate([pod('p')]);
  expect(queue.counts()).toEqual({ active: 0, backoff: 0, unschedulable: 0, gated: 1 });
  gates.delete('p');
  queue.update(pod('p'), pod('p', { labels: { open: 'yes' } }));
  expect(queue.placeOf('uid-p')).toBe('active');
});

test('ready resolves when a pod comes, and when the queue is closed', async () => {
  const first = queue.ready();
  queue.add(pod('p'));
  await first;
  queue.pop();
  const second = queue.ready();
  queue.close();
  await second;
});
