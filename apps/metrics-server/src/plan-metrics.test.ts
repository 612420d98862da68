import type { Node, Pod } from '@pilothouse/api';
import { describe, expect, it } from 'vitest';
import type { NodeSummary } from './node-summary.ts';
import { planNodeMetrics, planPodMetrics } from './plan-metrics.ts';

const TIME = '2030-01-01T00:00:00Z';
const figures = (nano: number, bytes: number) => ({
  cpu: { time: TIME, usageNanoCores: nano },
  memory: { time: TIME, workingSetBytes: bytes },
});
const summary = (containers: object[]): ReadonlyMap<string, NodeSummary> =>
  new Map([
    [
      'n1',
      {
        node: { nodeName: 'n1', ...figures(5_000_000, 2048) },
        pods: [{ podRef: { name: 'p', namespace: 'ns' }, containers }],
      } as NodeSummary,
    ],
  ]);
const pod = { metadata: { name: 'p', namespace: 'ns', labels: { app: 'web' } } } as unknown as Pod;
const node = (name: string) => ({ metadata: { name } }) as unknown as Node;

describe('metrics of pods', () => {
  it('have the usage of each container, and the labels of the pod', () => {
    const [metrics] = planPodMetrics([pod], summary([{ name: 'c', ...figures(250_000_000, 1025) }]));
    expect(metrics).toMatchObject({
      kind: 'PodMetrics',
      metadata: { name: 'p', namespace: 'ns', labels: { app: 'web' } },
      timestamp: TIME,
      containers: [{ name: 'c', usage: { cpu: '250000000n', memory: '2Ki' } }],
    });
  });

  it('are left out while a container was not measured', () => {
    expect(planPodMetrics([pod], summary([{ name: 'c', ...figures(1, 1) }, { name: 'new' }]))).toEqual([]);
    expect(planPodMetrics([pod], new Map())).toEqual([]);
  });
});

it('leaves nodes out that did not answer', () => {
  const found = planNodeMetrics([node('n1'), node('n2')], summary([]));
  expect(found).toMatchObject([{ metadata: { name: 'n1' }, usage: { cpu: '5000000n', memory: '2Ki' } }]);
});
