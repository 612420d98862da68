import type { HorizontalPodAutoscaler, MetricSpec } from '@pilothouse/api';
import { describe, expect, it } from 'vitest';
import { cellsOf, created, exampleMeta, problemsOnCreate, problemsOnUpdate } from '../core/example-objects.ts';
import { definitions } from '../definitions.ts';
import { horizontalPodAutoscaler as kind } from './horizontal-pod-autoscaler.ts';

type Autoscaler = HorizontalPodAutoscaler;

function example(change: (each: Autoscaler) => void = () => {}): Autoscaler {
  const each: Autoscaler = {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: exampleMeta(),
    spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' }, maxReplicas: 5 },
  };
  change(each);
  return each;
}

const cpu = (averageUtilization: number): MetricSpec => ({
  type: 'Resource',
  resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization } },
});
const memory: MetricSpec = {
  type: 'Resource',
  resource: { name: 'memory', target: { type: 'AverageValue', averageValue: '100Mi' } },
};
const queue: MetricSpec = {
  type: 'External',
  external: {
    metric: { name: 'queue', selector: { matchLabels: { a: 'b' } } },
    target: { type: 'Value', value: '30' },
  },
};
const requests: MetricSpec = {
  type: 'Object',
  object: {
    describedObject: { apiVersion: 'v1', kind: 'Service', name: 'web' },
    target: { type: 'AverageValue', averageValue: '10' },
    metric: { name: 'requests' },
  },
};

describe('defaults', () => {
  it('one replica at least, and 80 % of CPU', () => {
    expect(created(kind, example()).spec).toMatchObject({ minReplicas: 1, metrics: [cpu(80)] });
  });

  it('of the behavior only where there is one', () => {
    expect(created(kind, example()).spec.behavior).toBeUndefined();
    const { behavior } = created(
      kind,
      example(({ spec }) => (spec.behavior = { scaleDown: { selectPolicy: 'Min' } })),
    ).spec;
    expect(behavior).toEqual({
      scaleUp: {
        stabilizationWindowSeconds: 0,
        selectPolicy: 'Max',
        policies: [
          { type: 'Pods', value: 4, periodSeconds: 15 },
          { type: 'Percent', value: 100, periodSeconds: 15 },
        ],
      },
      scaleDown: { selectPolicy: 'Min', policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }] },
    });
  });
});

describe('validation', () => {
  it.each<[(each: Autoscaler) => void, string[]]>([
    [() => {}, []],
    [
      ({ spec }) => (spec.maxReplicas = 0),
      [
        'spec.maxReplicas: Invalid value: 0: must be greater than 0',
        'spec.maxReplicas: Invalid value: 0: must be greater than or equal to `minReplicas`',
      ],
    ],
    [
      ({ spec }) => (spec.minReplicas = 0),
      [
        'spec.minReplicas: Invalid value: 0: must be greater than or equal to 1',
        'spec.metrics: Forbidden: must specify at least one Object or External metric to support scaling to zero replicas',
      ],
    ],
    [
      ({ spec }) => (spec.scaleTargetRef = { kind: '', name: '' }),
      [
        'spec.scaleTargetRef.kind: Required value',
        'spec.scaleTargetRef.name: Required value',
        'spec.scaleTargetRef.apiVersion: Invalid value: "": apiVersion must specify API group',
      ],
    ],
    [({ spec }) => (spec.scaleTargetRef = { kind: 'ReplicationController', name: 'a', apiVersion: 'v1' }), []],
    [
      ({ spec }) => (spec.metrics = [{ type: 'Pods', resource: cpu(5).resource! }]),
      ['spec.metrics[0].pods: Required value: must populate information for the given metric source'],
    ],
    [
      ({ spec }) => (spec.metrics = [{ ...cpu(5), external: queue.external! }]),
      ['spec.metrics[0].external: Forbidden: must populate the given metric source only'],
    ],
    [
      ({ spec }) => (spec.metrics = [cpu(0)]),
      ['spec.metrics[0].resource.target.averageUtilization: Invalid value: 0: must be greater than 0'],
    ],
    [
      ({ spec }) =>
        (spec.behavior = {
          scaleUp: { policies: [{ type: 'Pods', value: 0, periodSeconds: 1801 }], stabilizationWindowSeconds: 3601 },
        }),
      [
        'spec.behavior.scaleUp.stabilizationWindowSeconds: Invalid value: 3601: must be less than or equal to 3600',
        'spec.behavior.scaleUp.policies[0].value: Invalid value: 0: must be greater than zero',
        'spec.behavior.scaleUp.policies[0].periodSeconds: Invalid value: 1801: must be less than or equal to 1800',
      ],
    ],
  ])('%#', (change, problems) => {
    expect(problemsOnCreate(kind, example(change))).toEqual(problems);
  });

  it('lets a stored autoscaler stay at zero', () => {
    const old = created(
      kind,
      example(({ spec }) => Object.assign(spec, { minReplicas: 0, metrics: [queue] })),
    );
    expect(problemsOnUpdate(kind, old, ({ spec }) => (spec.maxReplicas = 7))).toEqual([]);
  });

  it('refuses negative counts in the status', () => {
    const change = (each: Autoscaler): void =>
      void (each.status = { currentReplicas: -1, desiredReplicas: 0, currentMetrics: null });
    expect(problemsOnUpdate(kind, created(kind, example()), change, 'status')).toEqual([
      'status.currentReplicas: Invalid value: -1: must be greater than or equal to 0',
    ]);
  });
});

describe('the table', () => {
  it('shows what is measured over what is wanted', () => {
    const each = example(({ spec }) => Object.assign(spec, { minReplicas: 2, metrics: [cpu(80), memory, queue] }));
    each.status = {
      currentReplicas: 3,
      desiredReplicas: 3,
      currentMetrics: [{ type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: 12 } } }],
    };
    expect(cellsOf(kind.columns, each).slice(0, 6)).toEqual([
      'x',
      'Deployment/web',
      'cpu: 12%/80%, memory: <unknown>/100Mi + 1 more...',
      '2',
      5,
      3,
    ]);
  });
});

describe('as autoscaling/v1', () => {
  const v1 = definitions
    .find((each) => each.kind === 'HorizontalPodAutoscaler')!
    .versions.find((each) => each.version === 'v1')!;
  const full = example((each) => {
    each.metadata.annotations = { mine: 'kept' };
    each.spec.minReplicas = 2;
    each.spec.metrics = [memory, requests, queue, cpu(70)];
    each.spec.behavior = {
      scaleDown: {
        stabilizationWindowSeconds: 60,
        policies: [{ type: 'Pods', value: 1, periodSeconds: 30 }],
        tolerance: '50m',
      },
    };
    each.status = {
      observedGeneration: 3,
      currentReplicas: 1,
      desiredReplicas: 2,
      currentMetrics: [
        { type: 'Resource', resource: { name: 'cpu', current: { averageValue: '5m', averageUtilization: 12 } } },
      ],
      conditions: [
        {
          type: 'AbleToScale',
          status: 'True',
          lastTransitionTime: '2026-05-01T12:00:00Z',
          reason: 'Ok',
          message: 'fine',
        },
      ],
    };
  });

  it('has one metric, and the rest in annotations of upstream’s shape', () => {
    const shown = v1.fromStorage!(full) as any;
    expect(shown.spec).toEqual({
      scaleTargetRef: full.spec.scaleTargetRef,
      minReplicas: 2,
      maxReplicas: 5,
      targetCPUUtilizationPercentage: 70,
    });
    expect(shown.status).toEqual({
      observedGeneration: 3,
      currentReplicas: 1,
      desiredReplicas: 2,
      currentCPUUtilizationPercentage: 12,
    });
    expect(Object.keys(shown.metadata.annotations).sort()).toEqual(
      ['behavior', 'conditions', 'current-metrics', 'metrics']
        .map((name) => `autoscaling.alpha.kubernetes.io/${name}`)
        .concat('mine'),
    );
    expect(shown.metadata.annotations['autoscaling.alpha.kubernetes.io/behavior']).toBe(
      '{"ScaleDown":{"StabilizationWindowSeconds":60,"Policies":[{"Type":"Pods","Value":1,"PeriodSeconds":30}],"Tolerance":"50m"}}',
    );
    expect(JSON.parse(shown.metadata.annotations['autoscaling.alpha.kubernetes.io/metrics'])[0]).toEqual({
      type: 'Resource',
      resource: { name: 'memory', targetAverageValue: '100Mi' },
    });
  });

  it('comes back whole', () => {
    const again = v1.toStorage!(v1.fromStorage!(full)) as Autoscaler;
    expect(again).toMatchObject({ metadata: { annotations: { mine: 'kept' } }, spec: full.spec, status: full.status! });
    expect(Object.keys(again.metadata.annotations!)).toEqual(['mine']);
  });

  it('gets the default metric only when it has none of either kind', () => {
    const bare = {
      apiVersion: 'autoscaling/v1',
      metadata: exampleMeta(),
      spec: { scaleTargetRef: full.spec.scaleTargetRef, maxReplicas: 3 },
    };
    expect((v1.toStorage!(bare) as Autoscaler).spec.metrics).toEqual([cpu(80)]);
    const annotated = {
      ...bare,
      metadata: {
        ...bare.metadata,
        annotations: {
          'autoscaling.alpha.kubernetes.io/metrics':
            '[{"type":"Resource","resource":{"name":"memory","targetAverageValue":"100Mi"}}]',
        },
      },
    };
    expect((v1.toStorage!(annotated) as Autoscaler).spec.metrics).toEqual([memory]);
  });

  it('does not trip over annotations that are no JSON', () => {
    const odd = {
      ...full,
      apiVersion: 'autoscaling/v1',
      metadata: { ...full.metadata, annotations: { 'autoscaling.alpha.kubernetes.io/behavior': '{' } },
    };
    expect((v1.toStorage!(odd) as Autoscaler).spec.behavior).toBeUndefined();
  });
});
