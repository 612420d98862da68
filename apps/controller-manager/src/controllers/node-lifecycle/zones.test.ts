import { describe, expect, it } from 'vitest';
import type { Node } from '@pilothouse/api';
import { FakeClock } from '@pilothouse/component';
import { rateOf, Zones, zoneStateOf } from './zones.ts';

const RATES = {
  nodeEvictionRate: 0.1,
  secondaryNodeEvictionRate: 0.01,
  unhealthyZoneThreshold: 0.55,
  largeClusterSizeThreshold: 50,
};

const node = (name: string, ready: boolean, zone = 'a'): Node =>
  ({
    metadata: { name, labels: { 'topology.kubernetes.io/zone': zone } },
    spec: {},
    status: { conditions: [{ type: 'Ready', status: ready ? 'True' : 'Unknown' }] },
  }) as unknown as Node;

describe('the state of a zone', () => {
  it.each([
    [3, 0, 'normal'],
    [1, 2, 'normal'],
    [2, 3, 'partial-disruption'],
    [3, 3, 'normal'],
    [0, 1, 'full-disruption'],
  ] as const)('with %i nodes ready and %i not is %s', (ready, notReady, state) => {
    expect(zoneStateOf(ready, notReady, RATES)).toBe(state);
  });

  it.each([
    ['normal', 10, 0.1],
    ['full-disruption', 10, 0.1],
    ['partial-disruption', 51, 0.01],
    ['partial-disruption', 50, 0],
  ] as const)('%s of %i nodes lets nodes be given up at %d a second', (state, nodes, rate) => {
    expect(rateOf(state, nodes, RATES)).toBe(rate);
  });
});

describe('giving up nodes', () => {
  it('is one in ten seconds for each zone', () => {
    const clock = new FakeClock();
    const zones = new Zones(RATES, clock);
    for (const zone of ['a', 'b']) {
      for (const name of ['1', '2', '3', '4']) zones.observe(node(`${zone}${name}`, true, zone));
      zones.observe(node(`${zone}1`, false, zone));
      zones.observe(node(`${zone}2`, false, zone));
    }
    expect(zones.tryTake(node('a1', false, 'a'))).toBe(true);
    expect(zones.tryTake(node('a2', false, 'a'))).toBe(false);
    expect(zones.tryTake(node('b1', false, 'b'))).toBe(true);
    clock.step(10_000);
    expect(zones.tryTake(node('a2', false, 'a'))).toBe(true);
  });

  it('stops in a small zone most of whose nodes are in trouble, and goes on when they are back', () => {
    const clock = new FakeClock();
    const zones = new Zones(RATES, clock);
    for (const name of ['1', '2', '3', '4', '5']) zones.observe(node(name, Number(name) > 3));
    expect(zones.tryTake(node('1', false))).toBe(false);
    zones.observe(node('2', true));
    clock.step(10_000);
    expect(zones.tryTake(node('1', false))).toBe(true);
  });

  it('makes no sense when no node anywhere is ready', () => {
    const zones = new Zones(RATES, new FakeClock());
    expect(zones.isAllDisrupted).toBe(false);
    zones.observe(node('1', false, 'a'));
    expect(zones.isAllDisrupted).toBe(true);
    zones.observe(node('2', true, 'b'));
    expect(zones.isAllDisrupted).toBe(false);
    zones.forget('2');
    expect(zones.isAllDisrupted).toBe(true);
  });
});
