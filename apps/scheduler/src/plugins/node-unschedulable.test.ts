import { describe } from 'vitest';
import { node, pod } from '../testing/objects.ts';
import { scenarios } from '../testing/scenario.ts';

describe('NodeUnschedulable', () => {
  scenarios({
    'a cordoned node takes no pods': {
      nodes: [node('a', { unschedulable: true })],
      pod: pod('p'),
      fails: '0/1 nodes are available: 1 node(s) were unschedulable.',
    },
    'a cordoned node takes a pod that tolerates it': {
      nodes: [node('a', { unschedulable: true })],
      pod: pod('p', { spec: { tolerations: [{ key: 'node.kubernetes.io/unschedulable', operator: 'Exists' }] } }),
      lands: 'a',
    },
    'the other nodes are still there': {
      nodes: [node('a', { unschedulable: true }), node('b')],
      pod: pod('p'),
      lands: 'b',
    },
  });
});
