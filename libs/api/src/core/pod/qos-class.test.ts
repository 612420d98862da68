import { expect, it } from 'vitest';
import type { PodSpec, ResourceRequirements } from '@pilothouse/api';
import { qosClassOf } from './qos-class.ts';

const spec = (...resources: ResourceRequirements[]): PodSpec => ({
  containers: resources.map((each, index) => ({ name: `c${index}`, resources: each })),
});

const full = { cpu: '1', memory: '1Gi' };

it.each<[string, PodSpec, string]>([
  ['asks for nothing', spec({}), 'BestEffort'],
  ['asks only for what does not count', spec({ requests: { 'ephemeral-storage': '1Gi' } }), 'BestEffort'],
  ['asks for nothing of something', spec({ requests: { cpu: '0' } }), 'BestEffort'],
  ['limits all it requests', spec({ requests: full, limits: full }), 'Guaranteed'],
  ['says the same in other words', spec({ requests: { cpu: '1000m', memory: '1024Mi' }, limits: full }), 'Guaranteed'],
  ['requests less than it limits', spec({ requests: { cpu: '1' }, limits: { cpu: '2', memory: '1Gi' } }), 'Burstable'],
  ['limits only CPU', spec({ requests: { cpu: '1' }, limits: { cpu: '1' } }), 'Burstable'],
  ['has one container without limits', spec({ requests: full, limits: full }, {}), 'Burstable'],
  ['is limited as a whole', { ...spec({}), resources: { requests: full, limits: full } }, 'Guaranteed'],
])('a pod that %s', (_, each, expected) => expect(qosClassOf(each)).toBe(expected));
