import {
  type FieldError,
  fieldPath,
  invalidValue,
  notSupported,
  validateLabelSelector,
  validateNonnegativeField,
  validateNotMoreThan100Percent,
  validatePositiveIntOrPercent,
} from '@pilothouse/apimachinery';
import type { PodDisruptionBudget } from '@pilothouse/api';
import type { KindBehaviour } from '../kind.ts';
import { internalForm } from '../meta/internal-form.ts';
import { validateConditions } from '../meta/validate-conditions.ts';
import { ageColumn, column, nameColumn } from '../printing/index.ts';

const SPEC = fieldPath('spec');
const STATUS = fieldPath('status');
const EVICTION_POLICIES = ['AlwaysAllow', 'IfHealthyBudget'];
const COUNTS = ['disruptionsAllowed', 'currentHealthy', 'desiredHealthy', 'expectedPods'] as const;

const limitCell = (limit: number | string | undefined): string => (limit === undefined ? 'N/A' : String(limit));

export const podDisruptionBudget: KindBehaviour<PodDisruptionBudget> = {
  group: 'policy',
  kind: 'PodDisruptionBudget',
  columns: [
    nameColumn,
    column<PodDisruptionBudget>('Min Available', ({ spec }) => limitCell(spec.minAvailable)),
    column<PodDisruptionBudget>('Max Unavailable', ({ spec }) => limitCell(spec.maxUnavailable)),
    column<PodDisruptionBudget>('Allowed Disruptions', ({ status }) => status?.disruptionsAllowed ?? 0, {
      type: 'integer',
    }),
    ageColumn,
  ],
  strategy: {
    validate: (each: PodDisruptionBudget) => validateBudget(each),
    validateUpdate: validateBudget,
    allowUnconditionalUpdate: false,
    tracksGeneration: true,
  },
  subresources: { status: { strategy: { validateUpdate: validateStatusUpdate } } },
};

function validateBudget({ spec }: PodDisruptionBudget, old?: PodDisruptionBudget): FieldError[] {
  const errors: FieldError[] = [];
  const { minAvailable, maxUnavailable, selector, unhealthyPodEvictionPolicy: policy } = spec;
  if (minAvailable !== undefined && maxUnavailable !== undefined) {
    errors.push(
      invalidValue(
        SPEC,
        internalForm('policy.v1.PodDisruptionBudgetSpec', spec),
        'minAvailable and maxUnavailable cannot be both set',
      ),
    );
  }
  for (const [name, limit] of [
    ['minAvailable', minAvailable],
    ['maxUnavailable', maxUnavailable],
  ] as const) {
    if (limit === undefined) continue;
    errors.push(
      ...validatePositiveIntOrPercent(limit, SPEC.child(name)),
      ...validateNotMoreThan100Percent(limit, SPEC.child(name)),
    );
  }
  const wasInvalid = old !== undefined && validateLabelSelector(old.spec.selector, SPEC).length > 0;
  errors.push(
    ...validateLabelSelector(selector, SPEC.child('selector'), { allowInvalidLabelValueInSelector: wasInvalid }),
  );
  if (policy !== undefined && !EVICTION_POLICIES.includes(policy)) {
    errors.push(notSupported(SPEC.child('unhealthyPodEvictionPolicy'), policy, EVICTION_POLICIES));
  }
  return errors;
}

function validateStatusUpdate({ status }: PodDisruptionBudget): FieldError[] {
  const errors: FieldError[] = [];
  validateConditions(status?.conditions, STATUS.child('conditions'), errors);
  for (const name of COUNTS) errors.push(...validateNonnegativeField(status?.[name] ?? 0, STATUS.child(name)));
  return errors;
}
