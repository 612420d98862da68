import { type FieldError, fieldPath, validateNonnegativeField } from '@pilothouse/apimachinery';
import type { HorizontalPodAutoscaler, HPAScalingRules } from '@pilothouse/api';
import type { KindBehaviour } from '../kind.ts';
import { ageColumn, column, nameColumn, UNSET } from '../printing/index.ts';
import { fromV1, toV1 } from './convert-v1.ts';
import { targetsCell } from './metric-cells.ts';
import { dropRoundTripAnnotations } from './round-trip-annotations.ts';
import { validateAutoscaler } from './validate-autoscaler.ts';

const STATUS = fieldPath('status');
const DEFAULT_CPU_UTILIZATION = 80;

/** Stored as v2; v1 shows what it has no fields for as annotations. */
export const horizontalPodAutoscaler: KindBehaviour<HorizontalPodAutoscaler> = {
  group: 'autoscaling',
  kind: 'HorizontalPodAutoscaler',
  storageVersion: 'v2',
  defaults: defaultAutoscaler,
  columns: [
    nameColumn,
    column<HorizontalPodAutoscaler>(
      'Reference',
      ({ spec: { scaleTargetRef } }) => `${scaleTargetRef.kind}/${scaleTargetRef.name}`,
    ),
    column<HorizontalPodAutoscaler>('Targets', targetsCell),
    column<HorizontalPodAutoscaler>('MinPods', ({ spec: { minReplicas } }) =>
      minReplicas === undefined ? UNSET : String(minReplicas),
    ),
    column<HorizontalPodAutoscaler>('MaxPods', ({ spec }) => spec.maxReplicas),
    column<HorizontalPodAutoscaler>('Replicas', ({ status }) => status?.currentReplicas ?? 0),
    ageColumn,
  ],
  strategy: {
    prepareForCreate: dropRoundTripAnnotations,
    prepareForUpdate: dropRoundTripAnnotations,
    validate: (each: HorizontalPodAutoscaler) => validateAutoscaler(each),
    validateUpdate: (next: HorizontalPodAutoscaler, old: HorizontalPodAutoscaler) => validateAutoscaler(next, old),
    tracksGeneration: true,
  },
  subresources: {
    status: { strategy: { prepareForUpdate: dropRoundTripAnnotations, validateUpdate: validateStatusUpdate } },
  },
  versions: {
    v1: {
      defaults: ({ spec }) => {
        if (spec) spec.minReplicas ??= 1;
      },
      toStorage: (each) => {
        const stored = fromV1(each);
        // Not a default of v1 itself: the annotation may hold metrics, which only the conversion reads.
        defaultMetrics(stored);
        return stored;
      },
      fromStorage: toV1,
    },
  },
};

function defaultAutoscaler(each: HorizontalPodAutoscaler): void {
  const { spec } = each;
  if (!spec) return;
  spec.minReplicas ??= 1;
  defaultMetrics(each);
  if (!spec.behavior) return;
  const { scaleUp, scaleDown } = spec.behavior;
  spec.behavior.scaleUp = defaultRules(scaleUp, [
    { type: 'Pods', value: 4, periodSeconds: 15 },
    { type: 'Percent', value: 100, periodSeconds: 15 },
  ]);
  spec.behavior.scaleUp.stabilizationWindowSeconds ??= 0;
  spec.behavior.scaleDown = defaultRules(scaleDown, [{ type: 'Percent', value: 100, periodSeconds: 15 }]);
}

function defaultMetrics({ spec }: HorizontalPodAutoscaler): void {
  if (spec.metrics?.length) return;
  const target = { type: 'Utilization', averageUtilization: DEFAULT_CPU_UTILIZATION };
  spec.metrics = [{ type: 'Resource', resource: { name: 'cpu', target } }];
}

function defaultRules(
  rules: HPAScalingRules | undefined,
  policies: NonNullable<HPAScalingRules['policies']>,
): HPAScalingRules {
  const filled = rules ?? {};
  filled.selectPolicy ??= 'Max';
  filled.policies ??= policies;
  return filled;
}

function validateStatusUpdate({ status }: HorizontalPodAutoscaler): FieldError[] {
  return [
    ...validateNonnegativeField(status?.currentReplicas ?? 0, STATUS.child('currentReplicas')),
    ...validateNonnegativeField(status?.desiredReplicas ?? 0, STATUS.child('desiredReplicas')),
  ];
}
