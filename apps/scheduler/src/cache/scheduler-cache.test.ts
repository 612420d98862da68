import { FakeClock } from '@pilothouse/component';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { node, pod } from '../testing/objects.ts';
import { PodInfo } from './pod-info.ts';
import { getAmount } from './resource-amounts.ts';
import { SchedulerCache } from './scheduler-cache.ts';

const cpu = (cache: SchedulerCache, name: string) => cache.snapshot.get(name)?.requested.milliCpu;
const p = (on: string, milliCpu = 500) => pod('p', { on, requests: { cpu: `${milliCpu}m` } });

describe('an assumed pod', () => {
  const assumed = (ttlMs?: number) => {
    const clock = new FakeClock();
    const cache = new SchedulerCache(clock, ttlMs);
    cache.setNode(node('a'));
    cache.setNode(node('b'));
    cache.assumePod(new PodInfo(pod('p', { requests: { cpu: '500m' } })).assumedOn('a'));
    return { cache, clock };
  };

  test('takes room until it is forgotten', () => {
    const { cache } = assumed();
    expect(cpu(cache, 'a')).toBe(500);
    cache.forgetPod('uid-p');
    expect(cpu(cache, 'a')).toBe(0);
  });

  test('is confirmed by its event, and then cannot be forgotten', () => {
    const { cache } = assumed();
    cache.setPod(p('a'));
    expect(cache.isAssumed('uid-p')).toBe(false);
    cache.forgetPod('uid-p');
    expect(cpu(cache, 'a')).toBe(500);
  });

  test('moves if the event names another node', () => {
    const { cache } = assumed();
    cache.setPod(p('b'));
    expect([cpu(cache, 'a'), cpu(cache, 'b')]).toEqual([0, 500]);
  });

  test('cannot be assumed twice', () => {
    const { cache } = assumed();
    expect(() => cache.assumePod(new PodInfo(p('a')))).toThrow('is in the cache');
  });

  test('expires if its event never comes, but only after binding and never by default', () => {
    const forever = assumed();
    forever.cache.finishBinding('uid-p');
    expect(forever.clock.pendingTimers).toBe(0);

    const { cache, clock } = assumed(30_000);
    clock.step(60_000);
    expect(cpu(cache, 'a')).toBe(500);
    cache.finishBinding('uid-p');
    clock.step(30_000);
    expect(cpu(cache, 'a')).toBe(0);
  });

  test('that was confirmed in time does not expire', () => {
    const { cache, clock } = assumed(30_000);
    cache.finishBinding('uid-p');
    cache.setPod(p('a'));
    clock.step(60_000);
    expect(cpu(cache, 'a')).toBe(500);
  });
});

describe('nodes', () => {
  test('are tried zone by zone in turn', () => {
    const cache = new SchedulerCache(new FakeClock());
    for (const [name, zone] of [
      ['a1', 'a'],
      ['a2', 'a'],
      ['a3', 'a'],
      ['b1', 'b'],
      ['c1', 'c'],
      ['c2', 'c'],
    ] as const) {
      cache.setNode(node(name, { labels: { 'topology.kubernetes.io/zone': zone } }));
    }
    expect(cache.snapshot.nodes.map(({ name }) => name)).toEqual(['a1', 'b1', 'c1', 'a2', 'c2', 'a3']);
  });

  test('that are gone are not in the snapshot, though their pods are remembered', () => {
    const cache = new SchedulerCache(new FakeClock());
    cache.setNode(node('a'));
    cache.setPod(p('a'));
    cache.removeNode('a');
    expect(cache.snapshot.nodes).toEqual([]);
    cache.setNode(node('a'));
    expect(cpu(cache, 'a')).toBe(500);
  });

  test('may be heard of after their pods', () => {
    const cache = new SchedulerCache(new FakeClock());
    cache.setPod(p('a'));
    expect(cache.snapshot.nodes).toEqual([]);
    cache.setNode(node('a'));
    expect(cpu(cache, 'a')).toBe(500);
  });
});

test.each(['cpu', 'memory', 'ephemeral-storage', 'example.com/gpu'])('a resize of %s is counted', (resource) => {
  const cache = new SchedulerCache(new FakeClock());
  cache.setNode(node('a'));
  for (const amount of ['1', '3']) cache.setPod(pod('p', { on: 'a', requests: { [resource]: amount } }));
  const { requested } = cache.snapshot.get('a')!;
  expect(getAmount(requested, resource)).toBe(resource === 'cpu' ? 3000 : 3);
});

const step = fc.record({
  kind: fc.constantFrom('set', 'remove', 'assume', 'forget'),
  uid: fc.constantFrom('p', 'q', 'r'),
  on: fc.constantFrom('a', 'b'),
  cpu: fc.constantFrom(100, 200),
  gpu: fc.boolean(),
});

test('whatever happens in whatever order, each node has the sums over its pods', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const cache = new SchedulerCache(new FakeClock());
      cache.setNode(node('a'));
      cache.setNode(node('b'));
      for (const { kind, uid, on, cpu: milliCpu, gpu } of steps) {
        const requests = { cpu: `${milliCpu}m`, ...(gpu ? { 'example.com/gpu': '1' } : {}) };
        const object = pod(uid, { uid, on, requests, labels: { app: uid } });
        if (kind === 'set') cache.setPod(object);
        else if (kind === 'remove') cache.removePod(uid);
        else if (kind === 'forget') cache.forgetPod(uid);
        else if (!cache.snapshot.nodes.some(({ pods }) => pods.has(uid))) cache.assumePod(new PodInfo(object));
      }
      for (const info of cache.snapshot.nodes) {
        const pods = [...info.pods.values()];
        const sum = (of: (pod: PodInfo) => number) => pods.reduce((total, each) => total + of(each), 0);
        expect(info.requested.milliCpu).toBe(sum(({ requests }) => requests.milliCpu));
        expect(info.requested.scalars?.get('example.com/gpu') ?? 0).toBe(
          sum(({ requests }) => requests.scalars?.get('example.com/gpu') ?? 0),
        );
        expect([...info.podGroups.values()].reduce((total, { count }) => total + count, 0)).toBe(pods.length);
      }
    }),
  );
});
