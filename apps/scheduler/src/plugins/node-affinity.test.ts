import type { NodeSelectorRequirement } from '@pilothouse/api';
import { describe } from 'vitest';
import { node, pod } from '../testing/objects.ts';
import { scenarios } from '../testing/scenario.ts';

const refused = "0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector.";
const ssd = node('ssd', { labels: { disk: 'ssd', cores: '8' } });
const hdd = node('hdd', { labels: { disk: 'hdd' } });

function requires(...terms: NodeSelectorRequirement[][]) {
  const nodeSelectorTerms = terms.map((matchExpressions) => ({ matchExpressions }));
  return { affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } } };
}

function named(...names: string[]) {
  const nodeSelectorTerms = [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: names }] }];
  return { affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } } };
}

describe('NodeAffinity', () => {
  scenarios({
    'nodeSelector picks': {
      nodes: [ssd, hdd],
      pod: pod('p', { spec: { nodeSelector: { disk: 'hdd' } } }),
      lands: 'hdd',
    },
    'nodeSelector without a match': {
      nodes: [hdd],
      pod: pod('p', { spec: { nodeSelector: { disk: 'ssd' } } }),
      fails: refused,
    },
    In: {
      nodes: [ssd, hdd],
      pod: pod('p', { spec: requires([{ key: 'disk', operator: 'In', values: ['ssd', 'nvme'] }]) }),
      lands: 'ssd',
    },
    NotIn: {
      nodes: [ssd, hdd],
      pod: pod('p', { spec: requires([{ key: 'disk', operator: 'NotIn', values: ['ssd'] }]) }),
      lands: 'hdd',
    },
    Exists: {
      nodes: [ssd, hdd],
      pod: pod('p', { spec: requires([{ key: 'cores', operator: 'Exists' }]) }),
      lands: 'ssd',
    },
    DoesNotExist: {
      nodes: [ssd, hdd],
      pod: pod('p', { spec: requires([{ key: 'cores', operator: 'DoesNotExist' }]) }),
      lands: 'hdd',
    },
    Gt: {
      nodes: [ssd, hdd],
      pod: pod('p', { spec: requires([{ key: 'cores', operator: 'Gt', values: ['4'] }]) }),
      lands: 'ssd',
    },
    Lt: {
      nodes: [ssd],
      pod: pod('p', { spec: requires([{ key: 'cores', operator: 'Lt', values: ['4'] }]) }),
      fails: refused,
    },
    'terms are alternatives': {
      nodes: [hdd],
      pod: pod('p', {
        spec: requires(
          [{ key: 'disk', operator: 'In', values: ['ssd'] }],
          [{ key: 'disk', operator: 'In', values: ['hdd'] }],
        ),
      }),
      lands: 'hdd',
    },
    'the requirements of one term must all hold': {
      nodes: [hdd],
      pod: pod('p', {
        spec: requires([
          { key: 'disk', operator: 'In', values: ['hdd'] },
          { key: 'cores', operator: 'Exists' },
        ]),
      }),
      fails: refused,
    },
    'an empty term matches nothing': { nodes: [hdd], pod: pod('p', { spec: requires([]) }), fails: refused },
    'by name, as a DaemonSet asks': { nodes: [ssd, hdd], pod: pod('p', { spec: named('hdd') }), lands: 'hdd' },
    'by name, and the node is full: the others are not looked at': {
      nodes: [ssd, node('hdd', { pods: '0' }), node('c')],
      pod: pod('p', { spec: named('hdd') }),
      fails: "0/3 nodes are available: 1 Too many pods, 2 node(s) didn't satisfy plugin(s) [NodeAffinity].",
    },
    'preferred terms add up by weight': {
      nodes: [ssd, hdd],
      pod: pod('p', {
        spec: {
          affinity: {
            nodeAffinity: {
              preferredDuringSchedulingIgnoredDuringExecution: [
                { weight: 10, preference: { matchExpressions: [{ key: 'disk', operator: 'In', values: ['hdd'] }] } },
                { weight: 80, preference: { matchExpressions: [{ key: 'cores', operator: 'Exists' }] } },
              ],
            },
          },
        },
      }),
      lands: 'ssd',
    },
    'the profile adds affinity of its own': {
      nodes: [hdd],
      pod: pod('p'),
      configuration: {
        profiles: [
          {
            schedulerName: 'default-scheduler',
            pluginConfig: [
              {
                name: 'NodeAffinity',
                args: {
                  addedAffinity: requires([{ key: 'disk', operator: 'In', values: ['ssd'] }]).affinity.nodeAffinity,
                },
              },
            ],
          },
        ],
      },
      fails: "0/1 nodes are available: 1 node(s) didn't match scheduler-enforced node affinity.",
    },
  });
});
