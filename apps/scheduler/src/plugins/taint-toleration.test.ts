import { describe } from 'vitest';
import { node, pod } from '../testing/objects.ts';
import { scenarios } from '../testing/scenario.ts';

const dedicated = { key: 'dedicated', value: 'db', effect: 'NoSchedule' };
const soft = { key: 'slow', effect: 'PreferNoSchedule' };
const refused = '0/1 nodes are available: 1 node(s) had untolerated taint(s).';

describe('TaintToleration', () => {
  scenarios({
    'NoSchedule keeps pods off': { nodes: [node('a', { taints: [dedicated] })], pod: pod('p'), fails: refused },
    'NoExecute keeps pods off': {
      nodes: [node('a', { taints: [{ ...dedicated, effect: 'NoExecute' }] })],
      pod: pod('p'),
      fails: refused,
    },
    'Equal with the same value tolerates': {
      nodes: [node('a', { taints: [dedicated] })],
      pod: pod('p', {
        spec: { tolerations: [{ key: 'dedicated', operator: 'Equal', value: 'db', effect: 'NoSchedule' }] },
      }),
      lands: 'a',
    },
    'Equal with another value does not': {
      nodes: [node('a', { taints: [dedicated] })],
      pod: pod('p', { spec: { tolerations: [{ key: 'dedicated', value: 'web' }] } }),
      fails: refused,
    },
    'Exists tolerates any value': {
      nodes: [node('a', { taints: [dedicated] })],
      pod: pod('p', { spec: { tolerations: [{ key: 'dedicated', operator: 'Exists' }] } }),
      lands: 'a',
    },
    'Exists without a key tolerates everything': {
      nodes: [node('a', { taints: [dedicated, { ...dedicated, key: 'x', effect: 'NoExecute' }] })],
      pod: pod('p', { spec: { tolerations: [{ operator: 'Exists' }] } }),
      lands: 'a',
    },
    'another effect is not tolerated': {
      nodes: [node('a', { taints: [dedicated] })],
      pod: pod('p', { spec: { tolerations: [{ key: 'dedicated', operator: 'Exists', effect: 'NoExecute' }] } }),
      fails: refused,
    },
    'PreferNoSchedule is avoided': { nodes: [node('a', { taints: [soft] }), node('b')], pod: pod('p'), lands: 'b' },
    'PreferNoSchedule is taken if there is nothing else': {
      nodes: [node('a', { taints: [soft] })],
      pod: pod('p'),
      lands: 'a',
    },
  });
});
