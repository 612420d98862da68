import { MetricsRegistry } from '@pilothouse/component';
import type { Pod } from '@pilothouse/api';
import { beforeEach, describe, expect, test } from 'vitest';
import { PodInfo } from '../cache/pod-info.ts';
import type { FrameworkHandle } from '../framework/handle.ts';
import { WaitingPods } from '../framework/waiting-pods.ts';
import { SchedulerMetrics } from '../metrics.ts';
import { NominatedPods } from '../queue/nominated-pods.ts';
import { pod } from '../testing/objects.ts';
import { Evictor } from './evictor.ts';

const preemptor = new PodInfo(pod('vip', { priority: 100 }));
const victims = ['first', 'last'].map((name) => new PodInfo(pod(name, { on: 'a' })));

/** Deletions that wait to be answered, by pod. */
let deletions: Map<string, PromiseWithResolvers<void>>;
let cleared: string[];
let activated: string[];
let present: Map<string, Pod>;
let nominatedPods: NominatedPods;
let evictor: Evictor;

beforeEach(() => {
  deletions = new Map();
  cleared = [];
  activated = [];
  present = new Map(victims.map(({ key, pod: object }) => [key, object]));
  nominatedPods = new NominatedPods();
  const handle = {
    nominatedPods,
    waitingPods: new WaitingPods(),
    metrics: new SchedulerMetrics(new MetricsRegistry()),
    recorder: { event: () => undefined },
    listers: { pods: { get: (key: string) => present.get(key) } },
    activate: (pods: readonly Pod[]) => activated.push(...pods.map(({ metadata }) => metadata.name!)),
    api: {
      patchPodStatus: async (object: Pod, { nominatedNodeName }: { nominatedNodeName?: string }) => {
        if (nominatedNodeName === '') cleared.push(object.metadata.name!);
      },
      deletePod(object: Pod) {
        const deletion = Promise.withResolvers<void>();
        deletions.set(object.metadata.name!, deletion);
        return deletion.promise;
      },
    },
  };
  evictor = new Evictor(handle as unknown as FrameworkHandle, 'DefaultPreemption');
});

const start = () => evictor.start(preemptor, { nodeName: 'a', victims, budgetViolations: 0 });
const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('the preemptor', () => {
  test('stays out of the queue until the last eviction is answered', async () => {
    start();
    expect(evictor.isPreempting('uid-vip')).toBe(true);
    await settled();
    expect([...deletions.keys()]).toEqual(['first']);
    deletions.get('first')!.resolve();
    await settled();
    expect(evictor.isPreempting('uid-vip')).toBe(true);
    deletions.get('last')!.resolve();
    await settled();
    expect(evictor.isPreempting('uid-vip')).toBe(false);
    expect(activated).toEqual([]);
  });

  test('may come back as soon as the last victim is seen to end, whatever the answer', async () => {
    start();
    await settled();
    deletions.get('first')!.resolve();
    await settled();
    present.delete('default/last');
    expect(evictor.isPreempting('uid-vip')).toBe(false);
  });

  test('is put back when an eviction fails, and the last victim is spared', async () => {
    start();
    await settled();
    deletions.get('first')!.reject(new Error('the apiserver is busy'));
    await settled();
    expect([...deletions.keys()]).toEqual(['first']);
    expect(activated).toEqual(['vip']);
    expect(evictor.isPreempting('uid-vip')).toBe(false);
  });
});

test('pods of lower priority lose their nomination to the node', async () => {
  nominatedPods.set(new PodInfo(pod('lower', { priority: 50 })), 'a');
  nominatedPods.set(new PodInfo(pod('higher', { priority: 200 })), 'a');
  start();
  await settled();
  expect(cleared).toEqual(['lower']);
});
