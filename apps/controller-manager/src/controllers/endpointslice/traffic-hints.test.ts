import { expect, it } from 'vitest';
import type { Service } from '@pilothouse/api';
import { hintsFor } from './traffic-hints.ts';

const ready = { addresses: ['10.0.0.1'], conditions: { ready: true }, zone: 'z', nodeName: 'n' };
const { zone: _, ...zoneless } = ready;

it.each<[string | undefined, Parameters<typeof hintsFor>[1], object | undefined]>([
  [undefined, ready, undefined],
  ['PreferClose', ready, { forZones: [{ name: 'z' }] }],
  ['PreferSameZone', ready, { forZones: [{ name: 'z' }] }],
  ['PreferSameNode', ready, { forZones: [{ name: 'z' }], forNodes: [{ name: 'n' }] }],
  ['PreferSameNode', zoneless, { forNodes: [{ name: 'n' }] }],
  ['PreferClose', zoneless, undefined],
  ['PreferClose', { ...ready, conditions: { ready: false } }, undefined],
])('a service that says %s hints for %j at %j', (trafficDistribution, endpoint, hints) => {
  expect(hintsFor({ spec: { trafficDistribution } } as unknown as Service, endpoint)).toEqual(hints);
});
